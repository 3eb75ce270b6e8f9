namespace Samples.CommandLine;

/// <summary>What flags, and with them the keys of options files, were called in 0.1; they are taken, and told of nowhere.</summary>
internal static class FormerNames
{
    private static readonly Dictionary<string, string> Names = new()
    {
        ["max-faults"] = "max-errors",
        ["go-on-after-fault"] = "go-on-after-error",
    };

    /// <summary>A key as it is called now.</summary>
    public static string Now(string key) => Names.GetValueOrDefault(key, key);

    /// <summary>The words of a command line with flags as they are called now.</summary>
    public static string[] Now(IEnumerable<string> words) => [.. words.Select(OfWord)];

    private static string OfWord(string word)
    {
        if (word is not ['-', '-', ..]) return word;
        int end = word.AsSpan().IndexOfAny('=', ':');
        return end < 0 ? $"--{Now(word[2..])}" : $"--{Now(word[2..end])}{word[end..]}";
    }
}
