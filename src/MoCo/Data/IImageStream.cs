using MoCo.Data.Folders;
using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images that can only be read one after the other, such as shards in tar files.</summary>
/// <remarks>Every member may be called by many threads at once; what <see cref="Open"/> returns belongs to one at a time.</remarks>
public interface IImageStream : IImageSet
{
    /// <summary>Images in an epoch, over all ranks.</summary>
    long Count { get; }

    /// <summary>Opens one rank's part of an epoch. What it yields, and in which order, is a pure function of the arguments.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="shuffle">Another order in every epoch; false: the stream's own.</param>
    /// <param name="rank">This process, 0 … <paramref name="ranks"/> − 1.</param>
    /// <param name="ranks">The processes that share the stream without overlap; each gets <see cref="Count"/> / <paramref name="ranks"/>
    /// images, rounded down.</param>
    /// <param name="skip">Images of this rank to leave out: where an interrupted run goes on.</param>
    /// <returns>The images' files in order, undecoded, with their labels and where they lie; an iterator method makes it. One
    /// <see cref="EncodedImage"/> may serve all, filled anew by each <c>MoveNext</c>, which throws an <see cref="InvalidDataException"/>
    /// where the stream itself is damaged, so that nothing behind this place can be read, and an <see cref="IOException"/> where a file
    /// cannot be read. The loader copies each; it calls from several threads, one at a time, and disposes of what it was given however the
    /// pass ends.</returns>
    IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip);

    /// <summary>Decodes an image that <see cref="Open"/> has given.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="into">Receives the pixels, H×W×C.</param>
    /// <exception cref="InvalidDataException">The image is corrupt; the message does not repeat where it lies.</exception>
    void Decode(EncodedImage image, ImageBuffer into);
}

/// <summary>Files of which each is taken once, and not looked at again by whoever reads them.</summary>
internal interface IGivenAway : IEnumerator<EncodedImage>
{
    bool IsGivenAway { get; }
}

/// <summary>An image's file as it lies in a stream, in memory that is used again for the next.</summary>
public sealed class EncodedImage
{
    // One giant must not stay with every thread.
    private static readonly GiantMemory Giants = new(64 << 20);

    private byte[] memory = [];
    private int length, shard;
    private long offset;
    private IPlaces? places;
    private string location = "";

    /// <summary>The file's bytes. Valid until the next <see cref="Resize"/>.</summary>
    public Span<byte> Bytes => memory.AsSpan(0, length);

    /// <summary>The label, an index into the stream's classes; null where it has none.</summary>
    public int? Label { get; set; }

    /// <summary>Where the image lies, for messages; no other image of the stream lies there. Set by the stream; empty: the
    /// stream's name and the image's number in the epoch are told instead.</summary>
    public string Location
    {
        get => places?.Locate(shard, offset) ?? location;
        set => (location, places) = (value, null);
    }

    /// <summary>Sets the location without making its text, which is asked for only when there is something to say.</summary>
    internal void LiesIn(IPlaces set, int number, long start) => (places, shard, offset) = (set, number, start);

    /// <summary>Gives the file another length. The bytes are undefined afterwards.</summary>
    /// <param name="bytes">The length, 0 … <see cref="Array.MaxLength"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A length out of range.</exception>
    public void Resize(int bytes)
    {
        if (bytes < 0 || bytes > Array.MaxLength)
            throw new ArgumentOutOfRangeException(nameof(bytes), bytes, $"Expected 0 to {Array.MaxLength}.");
        if (memory.Length < bytes)
            memory = Giants.Take(Math.Max(bytes, Math.Min(2 * memory.Length, Array.MaxLength)));
        length = bytes;
    }

    /// <summary>Reads a file whole, undecoded; where it lies is its path then, and it has no label.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidDataException">The file is empty, longer than a gigabyte, or a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        (Label, Location) = (null, path);
        ImageFiles.ReadFast(path, this);
    }

    /// <summary>Takes over another's file, its label and where it lies.</summary>
    /// <param name="other">The other.</param>
    /// <param name="isGivenAway">Whether the memory itself may be taken, and other memory be left in its place, instead of a copy.</param>
    internal void Take(EncodedImage other, bool isGivenAway)
    {
        (Label, location, places, shard, offset) = (other.Label, other.location, other.places, other.shard, other.offset);
        if (isGivenAway)
        {
            (memory, other.memory) = (other.memory, memory);
            (length, other.length) = (other.length, 0);
            return;
        }
        Resize(other.length);
        other.Bytes.CopyTo(Bytes);
    }

    /// <summary>Gives a giant file's memory back; any other stays.</summary>
    internal void DropGiant()
    {
        if (Giants.Leave(ref memory)) length = 0;
    }
}
