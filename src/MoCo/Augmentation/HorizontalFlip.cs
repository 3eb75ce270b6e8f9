using System.Runtime.Intrinsics;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The step of <see cref="AugmentationStep.HorizontalFlip"/>.</summary>
internal sealed class HorizontalFlip(double probability = 0.5) : AugmentationStep
{
    /// <summary>The probability of mirroring.</summary>
    public double Probability { get; } = Require.Probability(probability);

    public override void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!random.NextBoolean(Probability)) return;
        for (int y = 0; y < image.Height; y++)
        {
            if (image.Channels == 1) image.Row(y).Reverse();
            else MirrorColor(image.Row(y));
        }
        scratch.Trace?.Add((nameof(HorizontalFlip), "mirrored"));
    }

    /// <summary>Swaps five pixels of either end at a time. The sixteenth byte of a vector belongs to a pixel further in: it is written back
    /// as it was.</summary>
    internal static unsafe void MirrorColor(Span<byte> row)
    {
        const byte None = 255;
        Vector128<byte> innerFirst = Vector128.Create(0UL, 0xFF00_0000_0000_0000).AsByte();
        Vector128<byte> innerLast = Vector128.Create(0xFFUL, 0).AsByte();
        fixed (byte* pixels = row)
        {
            byte* left = pixels;
            byte* right = pixels + row.Length;
            Vector128<byte> first = default, last = default;
            if (row.Length >= 2 * Vector128<byte>.Count) (first, last) = (Vector128.Load(left), Vector128.Load(right - 16));
            while (right - left >= 2 * Vector128<byte>.Count)
            {
                Vector128<byte> mirroredFirst = (last & innerLast)
                    | Vector128.Shuffle(first, Vector128.Create(None, 12, 13, 14, 9, 10, 11, 6, 7, 8, 3, 4, 5, 0, 1, 2));
                Vector128<byte> mirroredLast = (first & innerFirst)
                    | Vector128.Shuffle(last, Vector128.Create(13, 14, 15, 10, 11, 12, 7, 8, 9, 4, 5, 6, 1, 2, 3, None));
                left += 15;
                right -= 15;
                // Read before anything is written: a load that overlaps a store half has to wait for it.
                first = Vector128.Load(left);
                last = Vector128.Load(right - 16);
                mirroredLast.Store(left - 15);
                mirroredFirst.Store(right - 1);
            }
            for (right -= 3; left < right; left += 3, right -= 3)
                for (int channel = 0; channel < 3; channel++) (left[channel], right[channel]) = (right[channel], left[channel]);
        }
    }
}
