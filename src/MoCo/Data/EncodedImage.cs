namespace MoCo.Data;

/// <summary>An image's file as it lies in a stream, in memory that is used again for the next.</summary>
public sealed class EncodedImage
{
    private byte[] memory = [];
    private int length;

    /// <summary>The file's bytes. Valid until the next <see cref="Resize"/>.</summary>
    public Span<byte> Bytes => memory.AsSpan(0, length);

    /// <summary>The label, an index into the stream's classes; null where it has none.</summary>
    public int? Label { get; set; }

    /// <summary>Where the image lies, for messages: asked only when there is something to say.</summary>
    public Func<EncodedImage, string>? Locator { get; set; }

    /// <summary>The file that holds the image, a number of the stream's own.</summary>
    public int Shard { get; set; }

    /// <summary>The image's place in its file, in bytes.</summary>
    public long Offset { get; set; }

    /// <summary>Where the image lies.</summary>
    public string Location => Locator?.Invoke(this) ?? $"shard {Shard}, byte {Offset}";

    /// <summary>Gives the file another length. The bytes are undefined afterwards.</summary>
    /// <param name="bytes">The length, 0 … <see cref="Array.MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length out of range.</exception>
    public void Resize(int bytes)
    {
        if (bytes < 0 || bytes > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"Expected 0 to {Array.MaxLength}.");
        if (memory.Length < bytes)
            memory = GC.AllocateUninitializedArray<byte>(Math.Max(bytes, Math.Min(2 * memory.Length, Array.MaxLength)));
        length = bytes;
    }
}
