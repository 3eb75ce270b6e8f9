using System.Buffers.Binary;
using System.Collections;
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
        Interlocked.Increment(ref open);
        return new Reader(this, shuffle ? EpochPermutation.Create(count, seed, epoch) : [.. Enumerable.Range(0, count)], rank, ranks, skip);
    }

    public void Decode(EncodedImage image, ImageBuffer into)
    {
        int index = BinaryPrimitives.ReadInt32LittleEndian(image.Bytes);
        if (Broken.Contains(index)) throw new InvalidDataException("no image");
        images.Read(index, into);
    }

    private sealed class Reader(SyntheticStream stream, int[] order, int rank, int ranks, long skip) : IEnumerator<EncodedImage>
    {
        private long place = skip;

        public EncodedImage Current { get; } = new();

        object IEnumerator.Current => Current;

        public bool MoveNext()
        {
            Assert.Equal(1, Interlocked.Increment(ref stream.reading));
            try
            {
                if (stream.Delay > TimeSpan.Zero) Thread.Sleep(stream.Delay);
                if (place == stream.DamagedAt) throw new InvalidDataException("shard 3.tar is damaged");
                if (place == order.Length / ranks || place == stream.EndsAt) return false;
                int index = order[(place++ * ranks) + rank];
                Current.Resize(4);
                BinaryPrimitives.WriteInt32LittleEndian(Current.Bytes, index);
                (Current.Label, Current.Location) = (index % 4, stream.Locates ? $"stream.tar/{index}.jpg" : "");
                return true;
            }
            finally
            {
                Interlocked.Decrement(ref stream.reading);
            }
        }

        public void Reset() => throw new NotSupportedException();

        public void Dispose()
        {
            Assert.Equal(0, stream.reading);
            Interlocked.Decrement(ref stream.open);
        }
    }
}
