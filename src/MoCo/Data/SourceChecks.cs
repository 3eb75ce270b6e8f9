namespace MoCo.Data;

/// <summary>What the sources share: the one wording for a number that is no image's, and names for numbered classes.</summary>
internal static class SourceChecks
{
    internal static int Index(int index, int count, string source) =>
        (uint)index < (uint)count ? index : throw NoImage(index, count, source);

    /// <summary>The part of a source that holds an image, and its number there.</summary>
    /// <param name="index">The image's number in the source.</param>
    /// <param name="ends">Where each part ends.</param>
    /// <param name="source">What messages call the source.</param>
    internal static (int Part, int Image) Place(int index, int[] ends, string source)
    {
        int part = Array.BinarySearch(ends, Index(index, ends[^1], source) + 1);
        if (part < 0) part = ~part;
        // Of parts without images, which end at the same place, the search may find any.
        while (part > 0 && ends[part - 1] == ends[part]) part--;
        return (part, part == 0 ? index : index - ends[part - 1]);
    }

    internal static ArgumentOutOfRangeException NoImage(int index, int count, string source, string parameter = "index") =>
        new(parameter, index, $"{source} has images 0 to {count - 1}.");

    internal static void StreamPart(int epoch, int rank, int ranks, long skip)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfLessThan(ranks, 1);
        if (rank < 0 || rank >= ranks)
            throw new ArgumentOutOfRangeException(nameof(rank), rank, $"Expected 0 to {ranks - 1} for {ranks} ranks.");
    }

    internal static IReadOnlyList<string> NumberedClasses(int count) =>
        Array.AsReadOnly([.. Enumerable.Range(0, count).Select(label => label.ToString(CultureInfo.InvariantCulture))]);
}
