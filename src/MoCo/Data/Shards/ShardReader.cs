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
    private ShardPiece piece;
    private bool inShard, passEnded, passGave;
    private int buffered, place;
    private long left, met, shared;

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
                    + $"{set.Paths[part.Piece(0, 0).Shard]}; expected names that end with {set.Images} ({nameof(TarShardsOptions)}."
                    + $"{nameof(TarShardsOptions.Extensions)} says which).");
            }
            (place, shared, passEnded, passGave) = (0, 0, false, false);
        }
    }

    private bool Next(out ShardImage image)
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
                if (!skipping) Hint(image);
                return true;
            }
            if (piece.Step > 1) shared += met;
            if (piece.To < ShardPiece.End && met < piece.To && !samples.IsDamaged)
                set.Record(piece.Shard, 0, $"The shard has changed since its images were counted: it has {met}, expected {piece.To}.");
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
