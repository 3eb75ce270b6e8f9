using System.Text;
using Microsoft.Win32.SafeHandles;
using MoCo.Data.Folders;

namespace MoCo.Data.Shards;

/// <summary>Finds the images of one shard: consecutive entries of the same stem are one sample (WebDataset).</summary>
/// <remarks>The stem is the name up to the first dot behind the last slash; what follows says what the entry is.</remarks>
internal sealed class ShardSamples(ShardSet set)
{
    private const int MostLabelBytes = 1 << 20;

    private static readonly ImageExtensions Images = new(ImageExtensions.Default);

    private readonly TarEntries entries = new();
    private byte[] stem = new byte[256];
    private byte[] labelText = new byte[256];
    private int shard, stemLength;
    private bool held, ended, anyLabel;
    private string? damage;

    /// <summary>Entries that were neither images nor labels.</summary>
    internal long Ignored { get; private set; }

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
        image = default;
        bool found = false;
        int cls = ShardLabel.None, json = ShardLabel.None;
        while (Advance(file))
        {
            if (!TrySplit(entries.Name, out int dot))
            {
                Ignored++;
                continue;
            }
            ReadOnlySpan<byte> entryStem = entries.Name[..dot];
            if (!IsStem(entryStem))
            {
                if (found)
                {
                    held = true;
                    if (Accept(ref image, cls, json)) return true;
                    held = false;
                }
                (found, cls, json) = (false, ShardLabel.None, ShardLabel.None);
                SetStem(entryStem);
            }
            // "a.seg.png" is not the image of a, so the ending is all that follows the first dot.
            ReadOnlySpan<byte> ending = entries.Name[dot..];
            if (Ascii.EqualsIgnoreCase(ending, ".cls"u8)) cls = ShardLabel.FromText(LabelText());
            else if (Ascii.EqualsIgnoreCase(ending, ".json"u8)) json = ShardLabel.FromJson(LabelText());
            else if (found || !Images.FitWhole(ending)) Ignored++;
            else if (entries.Size > ImageFiles.MostBytes)
                set.Record(shard, entries.Offset, $"The file has {entries.Size} bytes; at most {ImageFiles.MostBytes} are read.");
            else (found, image) = (true, new ShardImage(shard, entries.Offset, (int)entries.Size, ShardLabel.None));
        }
        // Behind damage a label may be missing that all others have.
        bool lacksLabel = damage is not null && anyLabel && cls == ShardLabel.None && json == ShardLabel.None;
        return found && !lacksLabel && Accept(ref image, cls, json);
    }

    private bool Accept(ref ShardImage image, int cls, int json)
    {
        int label = cls != ShardLabel.None ? cls : json;
        anyLabel |= label != ShardLabel.None;
        if (label == ShardLabel.Wrong || label >= set.Classes)
        {
            set.Record(image.Shard, image.Offset, label == ShardLabel.Wrong
                ? "Its label cannot be read; expected a number from 0 in .cls, or in .json as \"label\" or \"cls\"."
                : $"Its label is {label}; expected 0 to {set.Classes - 1}.");
            return false;
        }
        image = image with { Label = label };
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
                    return false;
                }
            }
            while (!entries.IsFile);
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

/// <summary>Where an image lies in a set of shards.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="Offset">Where its file begins, in bytes.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Label">Its label, −1 for none.</param>
internal readonly record struct ShardImage(int Shard, long Offset, int Length, int Label);
