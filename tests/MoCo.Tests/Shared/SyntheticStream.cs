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

    /// <summary>How long reading takes; endless: until the reader is disposed.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Whether the reader says where images lie.</summary>
    public bool Locates { get; init; } = true;

    public int Opened => open;

    public IImageStreamReader Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
    {
        Interlocked.Increment(ref open);
        return new Reader(this, shuffle ? EpochPermutation.Create(count, seed, epoch) : [.. Enumerable.Range(0, count)], rank, ranks, skip);
    }

    public void Decode(EncodedImage image, ImageBuffer into)
    {
        int index = BinaryPrimitives.ReadInt32LittleEndian(image.Bytes);
        if (Broken.Contains(index)) throw new InvalidDataException("no image");
        images.Read(index, into);
    }

    private sealed class Reader(SyntheticStream stream, int[] order, int rank, int ranks, long skip) : IImageStreamReader
    {
        private long place = skip;

        public bool Read(EncodedImage into)
        {
            Assert.Equal(1, Interlocked.Increment(ref stream.reading));
            try
            {
                if (stream.Delay > TimeSpan.Zero) Thread.Sleep(stream.Delay);
                if (place == stream.DamagedAt) throw new InvalidDataException("shard 3.tar is damaged");
                if (place == order.Length / ranks || place == stream.EndsAt) return false;
                int index = order[(place++ * ranks) + rank];
                into.Resize(4);
                BinaryPrimitives.WriteInt32LittleEndian(into.Bytes, index);
                (into.Label, into.Location) = (index % 4, stream.Locates ? $"stream.tar/{index}.jpg" : "");
                return true;
            }
            finally
            {
                Interlocked.Decrement(ref stream.reading);
            }
        }
        public void Dispose()
        {
            Assert.Equal(0, stream.reading);
            Interlocked.Decrement(ref stream.open);
        }
    }
}
