using MoCo.Data.Shards;

namespace MoCo.Data;

/// <summary>An image's file as it lies in a stream, in memory that is used again for the next.</summary>
public sealed class EncodedImage
{
    private byte[] memory = [];
    private int length, shard;
    private long offset;
    private ShardSet? shards;
    private string location = "";

    /// <summary>The file's bytes. Valid until the next <see cref="Resize"/>.</summary>
    public Span<byte> Bytes => memory.AsSpan(0, length);

    /// <summary>The label, an index into the stream's classes; null where it has none.</summary>
    public int? Label { get; set; }

    /// <summary>Where the image lies, for messages; no other image of the stream lies there. Set by the stream's reader; empty: the
    /// stream's name and the image's number in the epoch are told instead.</summary>
    public string Location
    {
        get => shards?.Locate(shard, offset) ?? location;
        set => (location, shards) = (value, null);
    }

    /// <summary>Sets the location without making its text, which is asked for only when there is something to say.</summary>
    internal void LiesIn(ShardSet set, int number, long start) => (shards, shard, offset) = (set, number, start);

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
