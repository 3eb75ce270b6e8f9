namespace Samples.CommandLine;

/// <summary>What a mistyped word may have meant.</summary>
internal static class Nearest
{
    /// <summary>A question to follow a message: the known word that is the fewest letters away; nothing where none is near.</summary>
    public static string Question(string word, IEnumerable<string> known)
    {
        string letters = Letters(word);
        (string Name, int Changes)[] near = [.. known.Select(name => (name, Changes: Changes(letters, Letters(name))))
            .Where(found => 3 * found.Changes <= letters.Length)];
        return near.Length == 0 ? "" : $" Did you mean {near.MinBy(found => found.Changes).Name}?";
    }

    private static string Letters(string word) => word.TrimStart('-').ToLowerInvariant();

    /// <summary>Letters put in, left out or exchanged, and neighbours swapped (optimal string alignment); one where the word is the
    /// other's beginning, two where the other is the word's.</summary>
    private static int Changes(string from, string to)
    {
        if (from.Length > 0 && to.StartsWith(from, StringComparison.Ordinal)) return Math.Min(1, to.Length - from.Length);
        if (from.StartsWith(to + '-', StringComparison.Ordinal)) return 2;
        int[,] least = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                least[i, j] = i == 0 || j == 0 ? i + j : Math.Min(
                    1 + Math.Min(least[i - 1, j], least[i, j - 1]), least[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    least[i, j] = Math.Min(least[i, j], least[i - 2, j - 2] + 1);
            }
        }
        return least[from.Length, to.Length];
    }
}
