namespace MoCo.Data.Folder;

/// <summary>A folder that a scan has looked into.</summary>
/// <param name="Path">Its path below the root, UTF-8.</param>
/// <param name="Modified">When it was changed, before it was looked into.</param>
/// <param name="Names">Its images' names in order, one behind the other.</param>
/// <param name="NameEnds">The end of each name.</param>
internal sealed record FoundFolder(byte[] Path, long Modified, byte[] Names, int[] NameEnds)
{
    /// <summary>Order of the bytes, which for UTF-8 is the order of the code points: that of Python's strings.</summary>
    internal static int ByPath(FoundFolder left, FoundFolder right) => left.Path.AsSpan().SequenceCompareTo(right.Path);
}
