using System.Buffers.Binary;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Shared;

/// <summary>The images of <see cref="SyntheticImages"/> as a stream; can be told to be damaged, to end early or to be slow, and watches how
/// it is read.</summary>
internal sealed class SyntheticStream(int count) : IImageStream
{
    private readonly SyntheticImages images = new(count);
    private int open, reading;

    public string Name => "synthetic stream";

    public int Channels => 1;

    public IReadOnlyList<string> Classes => images.Classes;

    public SourceErrors Errors { get; } = new();

    public long Count => count;

    /// <summary>Images that cannot be decoded.</summary>
    public HashSet<int> Broken { get; } = [];

    /// <summary>The place at which the stream itself is damaged.</summary>
    public int? DamagedAt { get; init; }

    /// <summary>The place at which the stream ends too early.</summary>
    public int? EndsAt { get; init; }

    /// <summary>How long reading takes; endless: until the enumeration is disposed.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether the stream says where images lie.</summary>
    public bool Locates { get; init; } = true;

    public int Opened => open;

    public IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
    {
        int[] order = shuffle ? EpochPermutation.Create(count, seed, epoch) : [.. Enumerable.Range(0, count)];
        EncodedImage image = new();
        Interlocked.Increment(ref open);
        try
        {
            for (long place = skip; ; place++)
            {
                Assert.Equal(1, Interlocked.Increment(ref reading));
                try
                {
                    if (Delay > TimeSpan.Zero) Thread.Sleep(Delay);
                    if (place == DamagedAt) throw new InvalidDataException("shard 3.tar is damaged");
                    if (place == order.Length / ranks || place == EndsAt) yield break;
                    int index = order[(place * ranks) + rank];
                    image.Resize(4);
                    BinaryPrimitives.WriteInt32LittleEndian(image.Bytes, index);
                    (image.Label, image.Location) = (index % 4, Locates ? $"stream.tar/{index}.jpg" : "");
                }
                finally
                {
                    Interlocked.Decrement(ref reading);
                }
                yield return image;
            }
        }
        finally
        {
            Assert.Equal(0, reading);
            Interlocked.Decrement(ref open);
        }
    }

    public void Decode(EncodedImage image, ImageBuffer into)
    {
        int index = BinaryPrimitives.ReadInt32LittleEndian(image.Bytes);
        if (Broken.Contains(index)) throw new InvalidDataException("no image");
        images.Read(index, into);
    }
}
