namespace Samples;

/// <summary>Images that could not be read, as all programs tell of them.</summary>
internal static class LeftOut
{
    private const int Named = 10;

    /// <summary>A line for each of the first, and one for how many more there are.</summary>
    public static IEnumerable<string> Lines(SourceErrors errors) => Lines(errors.First, errors.Count);

    /// <param name="first">The first that were met.</param>
    /// <param name="count">How many there are.</param>
    public static IEnumerable<string> Lines(IEnumerable<SourceError> first, long count)
    {
        string[] named = [.. first.Take(Named).Select(error => $"left out {error}")];
        return count > named.Length ? named.Append($"left out {count - named.Length:N0} more") : named;
    }
}
