using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>One rank's part of an epoch over shards, through a shuffle buffer.</summary>
/// <remarks>The buffer holds where images lie, not their bytes: those are asked for when an image enters the buffer, wait in the system's
/// cache, and are read when it leaves. So memory stays small whatever the buffer's length, and what an interrupted run has had already is
/// passed over by headers alone.</remarks>
internal sealed class ShardReader : IImageStreamReader
{
    // No view has this number, so no image's draws are the shuffle's.
    private const int ShuffleView = int.MaxValue;

    private readonly ShardSet set;
    private readonly ShardPart part;
    private readonly ShardFiles files;
    private readonly ShardSamples samples;
    private readonly ShardImage[] buffer;
    private SampleRandom random;
    private readonly bool skipping;
    private bool inShard, passEnded, passGave;
    private int buffered, place;
    private long left, shared;

    internal ShardReader(ShardSet set, ShardPart part, int bufferLength, SampleRandom random, long count, long skip)
    {
        (this.set, this.part, this.random, left) = (set, part, random, count);
        files = new ShardFiles(set);
        samples = new ShardSamples(set);
        buffer = new ShardImage[bufferLength];
        skipping = true;
        for (; skip > 0 && left > 0; skip--, left--) Draw();
        skipping = false;
        for (int i = 0; i < buffered && left > 0; i++) Hint(buffer[i]);
    }

    internal static SampleRandom RandomFor(long seed, int epoch, int rank) => new(seed, epoch, rank, ShuffleView);

    public bool Read(EncodedImage into)
    {
        ArgumentNullException.ThrowIfNull(into);
        if (left == 0) return false;
        ShardImage image = Draw();
        left--;
        into.Resize(image.Length);
        if (TarEntries.ReadFully(files.Get(image.Shard), image.Offset, into.Bytes) < image.Length)
            throw new IOException($"{set.Locate(image.Shard, image.Offset)}: the file has become shorter while it was read.");
        into.LiesIn(set, image.Shard, image.Offset);
        into.Label = image.Label == ShardLabel.None ? null : image.Label;
        return true;
    }

    public void Dispose() => files.Dispose();

    private ShardImage Draw()
    {
        while (true)
        {
            while (!passEnded && buffered < buffer.Length)
            {
                if (Next(out ShardImage found)) buffer[buffered++] = found;
                else passEnded = true;
            }
            if (buffered > 0)
            {
                int at = buffered == 1 ? 0 : random.NextInt32(buffered);
                ShardImage drawn = buffer[at];
                buffer[at] = buffer[--buffered];
                passGave = true;
                return drawn;
            }
            // A pass is emptied before the next begins, so no image comes twice before all have come once.
            if (!passGave)
            {
                throw new InvalidDataException(
                    $"No image that can be read is in the {Counted.Of(part.Count, "shard")} of this rank, the first of them "
                    + $"{set.Paths[part.Shard(0)]}; expected names that end with {set.Images} ({nameof(TarShardsOptions)}."
                    + $"{nameof(TarShardsOptions.Extensions)} says which).");
            }
            (place, shared, passEnded, passGave) = (0, 0, false, false);
        }
    }

    private bool Next(out ShardImage image)
    {
        for (; place < part.Count; place++, inShard = false)
        {
            int shard = part.Shard(place);
            SafeFileHandle file = files.Get(shard);
            if (!inShard) samples.Open(shard, file);
            inShard = true;
            while (samples.Next(file, out image))
            {
                if (part.IsShared(place) && !part.Has(shared++)) continue;
                if (!skipping) Hint(image);
                return true;
            }
        }
        image = default;
        return false;
    }

    private void Hint(ShardImage image)
    {
        // An image that is read at once needs no herald.
        if (buffer.Length > 1) ReadAhead.Hint(files.Get(image.Shard), image.Offset, image.Length);
    }
}

/// <summary>One rank's part of the shards in one epoch.</summary>
/// <remarks>As many whole shards as every rank can have equally many of are dealt whole; the images of the few that are left over are dealt
/// one by one, so that no rank goes short where shards are few.</remarks>
internal readonly struct ShardPart
{
    private readonly int[] order;
    private readonly int rank, ranks, whole;

    internal ShardPart(int shards, long seed, int epoch, bool shuffle, int rank, int ranks)
    {
        order = shuffle ? EpochPermutation.Create(shards, seed, epoch) : EpochPermutation.Identity(shards);
        (this.rank, this.ranks, whole) = (rank, ranks, shards / ranks);
        Count = whole + (shards % ranks);
    }

    /// <summary>Shards that this rank reads.</summary>
    internal int Count { get; }

    internal int Shard(int place) => order[place < whole ? (place * ranks) + rank : (whole * ranks) + place - whole];

    /// <summary>Whether other ranks read the shard too, each its share of the images.</summary>
    internal bool IsShared(int place) => place >= whole;

    /// <summary>Whether this rank's share has an image, by its number among the images of all shared shards.</summary>
    internal bool Has(long image) => image % ranks == rank;
}
