using Microsoft.Win32.SafeHandles;
using MoCo.Data.Folders;

namespace MoCo.Data.Shards;

/// <summary>Finds the images of one shard: consecutive entries of the same stem are one sample (WebDataset).</summary>
/// <remarks>The stem is the name up to the first dot behind the last slash; what follows says what the entry is. An image's or a label's
/// ending that comes a second time begins another sample of the same stem, so that no image gets another's label.</remarks>
/// <param name="set">The shards.</param>
/// <param name="tally">Receives what is met; null: nobody asks.</param>
internal sealed class ShardSamples(ShardSet set, ShardTally? tally = null)
{
    private const int MostLabelBytes = 1 << 20;

    private readonly TarEntries entries = new();
    private byte[] stem = new byte[256];
    private byte[] labelText = new byte[256];
    private int shard, stemLength;
    private bool held, ended, anyLabel;
    private string? damage;

    /// <summary>Whether damage has ended the shard.</summary>
    internal bool IsDamaged => damage is not null;

    /// <summary>Turns to a shard. What is damaged in it is recorded and read as its end.</summary>
    internal void Open(int shard, SafeFileHandle file)
    {
        (this.shard, stemLength, held, ended, anyLabel, damage) = (shard, -1, false, false, false, null);
        try
        {
            entries.Open(file);
        }
        catch (InvalidDataException error)
        {
            End(0, error.Message);
        }
    }

    /// <summary>Finds the next image.</summary>
    /// <param name="file">The shard's file.</param>
    /// <param name="image">Receives it.</param>
    /// <returns>False at the shard's end, also where damage ends it early.</returns>
    internal bool Next(SafeFileHandle file, out ShardImage image)
    {
        Sample sample = new();
        while (Advance(file))
        {
            if (!entries.IsFile || !TrySplit(entries.Name, out int dot))
            {
                tally?.PassedOver.Add(entries.Name, entries.OtherKind);
                continue;
            }
            // "a.seg.png" is not the image of a, so the ending is all that follows the first dot.
            ReadOnlySpan<byte> entryStem = entries.Name[..dot], ending = entries.Name[dot..];
            int asImage = set.Images.Find(ending), asLabel = set.Labels.Find(ending);
            bool goesOn = IsStem(entryStem), repeats = goesOn && sample.Has(asImage, asLabel);
            if (repeats || !goesOn)
            {
                if (repeats) tally?.Repeated.Add(entries.Name);
                held = true;
                if (Complete(ref sample, out image)) return true;
                held = false;
                SetStem(entryStem);
            }
            if (asLabel >= 0) sample.Add(asLabel, ShardLabel.Read(LabelText(), set.Labels.IsJson(asLabel)));
            else if (asImage < 0 || sample.Image >= 0) tally?.PassedOver.Add(entries.Name);
            else if (entries.Size > ImageFiles.MostBytes)
                set.Record(shard, entries.Offset, $"The file has {entries.Size} bytes; at most {ImageFiles.MostBytes} are read.");
            else (sample.Image, sample.Found) = (asImage, new ShardImage(shard, entries.Offset, (int)entries.Size, ShardLabel.None));
        }
        // Behind damage a label may be missing that all others have.
        if (damage is null || !anyLabel || sample.Label != ShardLabel.None) return Complete(ref sample, out image);
        image = default;
        return false;
    }

    /// <summary>Ends a sample.</summary>
    /// <returns>Whether it has an image with a label that can be read, or with none.</returns>
    private bool Complete(ref Sample sample, out ShardImage image)
    {
        (Sample done, sample) = (sample, new Sample());
        image = done.Found with { Label = done.Label };
        anyLabel |= done.Image >= 0 && done.Label != ShardLabel.None;
        if (done.Image < 0)
        {
            if (done.Label != ShardLabel.None) tally?.LabelsAlone.Add(stem.AsSpan(0, stemLength));
            return false;
        }
        if (done.Label == ShardLabel.Wrong || done.Label >= set.Classes)
        {
            set.Record(image.Shard, image.Offset, done.Label == ShardLabel.Wrong
                ? "Its label cannot be read; expected a number from 0 in .cls, or in .json as \"label\" or \"cls\"."
                : $"Its label is {done.Label}; expected 0 to {set.Classes - 1}.");
            return false;
        }
        if (done.Label == ShardLabel.None) tally?.Unlabelled.Add(stem.AsSpan(0, stemLength));
        return true;
    }

    private bool Advance(SafeFileHandle file)
    {
        if (ended) return false;
        if (held)
        {
            held = false;
            return true;
        }
        try
        {
            do
            {
                if (!entries.Next(file))
                {
                    ended = true;
                    if (entries.FindAnother() is { } other)
                        set.Record(shard, other, "Another archive begins here, behind the end of the first, and is not read; "
                            + "tar --concatenate joins archives so that both are.");
                    return false;
                }
            }
            while (!entries.IsFile && entries.OtherKind is null);
            return true;
        }
        catch (InvalidDataException error)
        {
            End(entries.Offset, error.Message);
            return false;
        }
    }

    private void End(long offset, string reason)
    {
        (ended, damage) = (true, reason);
        set.Record(shard, offset, reason);
    }

    private ReadOnlySpan<byte> LabelText()
    {
        int size = (int)Math.Min(entries.Size, MostLabelBytes);
        if (labelText.Length < size) labelText = new byte[size];
        return labelText.AsSpan(0, entries.Read(labelText.AsSpan(0, size)));
    }

    private static bool TrySplit(ReadOnlySpan<byte> name, out int dot)
    {
        int start = name.LastIndexOf((byte)'/') + 1;
        int inBase = name[start..].IndexOf((byte)'.');
        dot = start + inBase;
        // A hidden file has no stem.
        return inBase > 0;
    }

    private bool IsStem(ReadOnlySpan<byte> other) => stemLength >= 0 && other.SequenceEqual(stem.AsSpan(0, stemLength));

    private void SetStem(ReadOnlySpan<byte> value)
    {
        if (stem.Length < value.Length) stem = new byte[2 * value.Length];
        value.CopyTo(stem);
        stemLength = value.Length;
    }
}

/// <summary>What was met of a sample: the image, and of several labels the one whose ending comes first among those of labels.</summary>
internal struct Sample()
{
    private int labelEnding = int.MaxValue;
    private ulong labels;

    /// <summary>The number of the image's ending; −1: there is none yet.</summary>
    internal int Image { get; set; } = -1;

    internal ShardImage Found { get; set; }

    internal int Label { get; private set; } = ShardLabel.None;

    /// <summary>Whether the sample has an image or a label of an ending, by the ending's number, −1: none.</summary>
    internal readonly bool Has(int image, int label) => (image >= 0 && image == Image) || (label >= 0 && (labels >> label & 1) != 0);

    internal void Add(int ending, int label)
    {
        labels |= 1UL << ending;
        if (label != ShardLabel.None && ending < labelEnding) (Label, labelEnding) = (label, ending);
    }
}

/// <summary>Where an image lies in a set of shards.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="Offset">Where its file begins, in bytes.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Label">Its label, −1 for none.</param>
internal readonly record struct ShardImage(int Shard, long Offset, int Length, int Label);
