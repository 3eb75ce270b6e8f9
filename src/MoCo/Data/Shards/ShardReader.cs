using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>One rank's part of an epoch over shards, through a shuffle buffer.</summary>
/// <remarks>The buffer holds where images lie, not their bytes: those are asked for when an image enters the buffer, wait in the system's
/// cache, and are read when it leaves. So memory stays small whatever the buffer's length, and what an interrupted run has had already is
/// passed over by headers alone.</remarks>
internal sealed class ShardReader : ShuffledReader<ShardImage>
{
    // No view has this number, so no image's draws are the shuffle's.
    private const int ShuffleView = int.MaxValue;

    private readonly ShardSet set;
    private readonly ShardPart part;
    private readonly ShardFiles files;
    private readonly ShardSamples samples;
    private ShardPiece piece;
    private bool inShard;
    private int place;
    private long met, shared;

    internal ShardReader(ShardSet set, ShardPart part, int bufferLength, SampleRandom random, long count, long skip)
        : base(bufferLength, random, count)
    {
        (this.set, this.part) = (set, part);
        files = new ShardFiles(set);
        samples = new ShardSamples(set);
        Skip(skip);
        foreach (ShardImage image in Waiting) Hint(image);
    }

    internal static SampleRandom RandomFor(long seed, int epoch, int rank) => new(seed, epoch, rank, ShuffleView);

    public override void Dispose() => files.Dispose();

    protected override void Read(ShardImage image, EncodedImage into)
    {
        into.Resize(image.Length);
        if (TarEntries.ReadFully(files.Get(image.Shard), image.Offset, into.Bytes) < image.Length)
            throw new IOException($"{set.Locate(image.Shard, image.Offset)}: the file has become shorter while it was read.");
        into.LiesIn(set, image.Shard, image.Offset);
        into.Label = image.Label == ShardLabel.None ? null : image.Label;
    }

    protected override bool Next(out ShardImage image)
    {
        for (; place < part.Count; place++, inShard = false)
        {
            if (!inShard) (piece, met) = (part.Piece(place, shared), 0);
            SafeFileHandle file = files.Get(piece.Shard);
            if (!inShard) samples.Open(piece.Shard, file);
            inShard = true;
            while (met < piece.To && samples.Next(file, out image))
            {
                if (!piece.Has(met++)) continue;
                if (!Skipping) Hint(image);
                return true;
            }
            if (piece.Step > 1) shared += met;
            if (piece.To < ShardPiece.End && met < piece.To && !samples.IsDamaged)
                set.Record(piece.Shard, 0, $"The shard has changed since its images were counted: it has {met}, expected {piece.To}.");
        }
        image = default;
        return false;
    }

    protected override void StartOver() => (place, shared) = (0, 0);

    protected override InvalidDataException Empty() => new(
        $"No image that can be read is in the {Counted.Of(part.Count, "shard")} of this rank, the first of them "
        + $"{set.Paths[part.Piece(0, 0).Shard]}; expected names that end with {set.Images} ({nameof(SourceOptions)}."
        + $"{nameof(SourceOptions.Extensions)} says which).");

    private void Hint(ShardImage image)
    {
        // An image that is read at once needs no herald.
        if (IsShuffled) ReadAhead.Hint(files.Get(image.Shard), image.Offset, image.Length);
    }
}
