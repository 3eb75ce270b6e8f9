namespace MoCo.Imaging.Tiff;

/// <summary>The whole numbers of one tag, where they lie in the file.</summary>
internal readonly ref struct TiffNumbers
{
    private readonly ReadOnlySpan<byte> bytes;
    private readonly int bytesEach;
    private readonly bool little;

    /// <param name="bytes">Those that the file holds.</param>
    /// <param name="bytesEach">2, 4 or 8.</param>
    /// <param name="little">Whether the lowest byte comes first.</param>
    /// <param name="isComplete">Whether the file holds as many as it says.</param>
    internal TiffNumbers(ReadOnlySpan<byte> bytes, int bytesEach, bool little, bool isComplete)
    {
        this.bytes = bytes;
        this.bytesEach = bytesEach;
        this.little = little;
        IsComplete = isComplete;
    }

    /// <summary>Whether the file holds as many as it says.</summary>
    internal bool IsComplete { get; }

    internal int Count => bytes.Length / bytesEach;

    internal ulong this[int index] => TiffDirectory.Number(bytes.Slice(index * bytesEach, bytesEach), little);
}
