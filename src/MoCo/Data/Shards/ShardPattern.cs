namespace MoCo.Data.Shards;

/// <summary>From patterns to the shards' files: <c>{000..146}</c> and <c>{a,b}</c> anywhere, <c>*</c> and <c>?</c> in the file's name, or a
/// folder.</summary>
internal static class ShardPattern
{
    private const int MostShards = 1 << 20;

    private static readonly EnumerationOptions Exact = new()
    {
        MatchType = MatchType.Simple,
        MatchCasing = MatchCasing.CaseSensitive,
        IgnoreInaccessible = false,
    };

    /// <param name="patterns">The patterns.</param>
    /// <param name="ending">How names of shards end in a folder that is named alone.</param>
    internal static string[] Find(IEnumerable<string> patterns, string ending)
    {
        List<string> found = [];
        foreach (string pattern in patterns)
        {
            if (string.IsNullOrWhiteSpace(pattern))
            {
                throw new ArgumentException(
                    "A pattern of shards is empty; expected files such as data/train-{000000..000146}.tar.", nameof(patterns));
            }
            if (File.Exists(pattern)) found.Add(pattern);
            else if (Directory.Exists(pattern)) found.AddRange(Match(pattern, $"*{ending}"));
            else found.AddRange(Expand(pattern).SelectMany(Files));
            if (found.Count > MostShards) throw new ArgumentException($"'{pattern}': more than {MostShards} shards.", nameof(patterns));
        }
        if (found.Count == 0) throw new ArgumentException("No pattern of shards was given.", nameof(patterns));
        List<string> missing = found.Where(path => !File.Exists(path)).ToList();
        if (missing.Count > 0)
            throw new FileNotFoundException($"{missing[0]}: no such shard ({missing.Count} of {found.Count} are missing).", missing[0]);
        if (found.GroupBy(Path.GetFullPath, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"The shard {twice.Key} was given twice.", nameof(patterns));
        return [.. found];
    }

    private static IEnumerable<string> Files(string path)
    {
        if (!path.AsSpan().ContainsAny('*', '?')) return [path];
        string? folder = Path.GetDirectoryName(path);
        if (folder.AsSpan().ContainsAny('*', '?'))
            throw new ArgumentException($"'{path}': * and ? are understood in the file's name only, not in its folder's.", nameof(path));
        return Match(string.IsNullOrEmpty(folder) ? "." : folder, Path.GetFileName(path));
    }

    private static string[] Match(string folder, string name)
    {
        string[] found = [.. Files(folder, name)];
        if (found.Length == 0)
            throw new FileNotFoundException($"{Path.Combine(folder, name)}: no such shards.", Path.Combine(folder, name));
        Array.Sort(found, StringComparer.Ordinal);
        return found;
    }

    /// <summary>The files of a folder whose names fit a pattern; hidden ones never do, such as the notes of other systems.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    internal static IEnumerable<string> Files(string folder, string name)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder, name, Exact) : [];
        }
        catch (UnauthorizedAccessException error)
        {
            throw new IOException($"{folder}: the folder cannot be read; {error.Message}", error);
        }
    }

    /// <summary>Writes out the first braces; the rest follows for each.</summary>
    private static IEnumerable<string> Expand(string pattern)
    {
        int open = pattern.IndexOf('{', StringComparison.Ordinal);
        int close = open < 0 ? pattern.IndexOf('}', StringComparison.Ordinal) : pattern.IndexOf('}', open);
        if (open < 0 && close < 0) return [pattern];
        if (open < 0 || close < 0)
        {
            throw new ArgumentException(
                $"'{pattern}': a brace has no other; expected such as {{000000..000146}} or {{a,b}}.", nameof(pattern));
        }
        string before = pattern[..open], inside = pattern[(open + 1)..close];
        if (inside.Contains('{', StringComparison.Ordinal))
            throw new ArgumentException($"'{pattern}': a brace within a brace is not understood.", nameof(pattern));
        List<string> rest = Expand(pattern[(close + 1)..]).ToList();
        return Choices(pattern, inside).SelectMany(choice => rest.Select(end => before + choice + end));
    }

    private static IEnumerable<string> Choices(string pattern, string inside)
    {
        int dots = inside.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) return inside.Contains(',', StringComparison.Ordinal) ? inside.Split(',') : throw Error();
        string first = inside[..dots], last = inside[(dots + 2)..];
        if (!TryNumber(first, out int low) || !TryNumber(last, out int high) || high < low || high - low >= MostShards) throw Error();
        // As in the shell: with a leading zero all numbers are as wide as the wider end.
        int width = first is ['0', _, ..] || last is ['0', _, ..] ? Math.Max(first.Length, last.Length) : 0;
        return Enumerable.Range(0, high - low + 1).Select(i => (low + i).ToString(CultureInfo.InvariantCulture).PadLeft(width, '0'));

        ArgumentException Error() =>
            new($"'{pattern}': expected a rising range of fewer than {MostShards} numbers such as {{000000..000146}}, "
                + $"or a list such as {{a,b}}, found '{{{inside}}}'.", nameof(pattern));
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
