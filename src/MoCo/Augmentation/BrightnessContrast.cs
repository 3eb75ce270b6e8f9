using System.Numerics;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Changes brightness and contrast by random factors, in random order, with a given probability: the part of
/// torchvision's ColorJitter that grey pictures have.</summary>
/// <remarks>As PIL does it: brightness blends with black, contrast with the rounded mean of the grey picture; results are cut
/// to 0 … 255 and truncated. A strength x gives factors evenly in [max(0, 1−x), 1+x].</remarks>
public sealed class BrightnessContrast : IAugmentationStep
{
    /// <summary>Checks and takes the parameters.</summary>
    /// <param name="brightness">Strength of the brightness change, 0 (none) or more.</param>
    /// <param name="contrast">Strength of the contrast change, 0 (none) or more.</param>
    /// <param name="probability">How often the step is applied at all, 0 … 1; MoCo v2's is 0.8.</param>
    /// <exception cref="ArgumentOutOfRangeException">A parameter out of its range.</exception>
    public BrightnessContrast(double brightness = 0.4, double contrast = 0.4, double probability = 0.8)
    {
        Require.That(brightness >= 0 && double.IsFinite(brightness), nameof(brightness), brightness, "a strength of 0 or more");
        Require.That(contrast >= 0 && double.IsFinite(contrast), nameof(contrast), contrast, "a strength of 0 or more");
        Require.Probability(probability);
        (Brightness, Contrast, Probability) = (brightness, contrast, probability);
    }

    /// <summary>Strength of the brightness change.</summary>
    public double Brightness { get; }

    /// <summary>Strength of the contrast change.</summary>
    public double Contrast { get; }

    /// <summary>How often the step is applied at all.</summary>
    public double Probability { get; }

    /// <inheritdoc/>
    public void Apply(ImageBuffer image, AugmentationScratch scratch, ref SampleRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(scratch);
        if (!random.NextBoolean(Probability))
            return;
        var brightnessFirst = random.NextBoolean(0.5);
        var brightness = (float)random.NextDouble(Math.Max(0, 1 - Brightness), 1 + Brightness);
        var contrast = (float)random.NextDouble(Math.Max(0, 1 - Contrast), 1 + Contrast);
        if (brightnessFirst)
            ChangeBrightness(image, brightness, scratch.Table);
        ChangeContrast(image, contrast, scratch.Table);
        if (!brightnessFirst)
            ChangeBrightness(image, brightness, scratch.Table);
    }

    internal static void ChangeBrightness(ImageBuffer image, float factor, byte[] table) => Blend(image.Pixels, 0, factor, table);

    internal static void ChangeContrast(ImageBuffer image, float factor, byte[] table) => Blend(image.Pixels, GreyMean(image), factor, table);

    /// <summary>Away from (factor above 1) or towards (below 1) one grey level.</summary>
    private static void Blend(Span<byte> pixels, int level, float factor, byte[] table)
    {
        if (factor == 1)
            return;
        for (var value = 0; value < table.Length; value++)
            table[value] = (byte)Math.Clamp(level + (factor * (value - level)), 0f, 255f);
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = table[pixels[i]];
    }

    private static int GreyMean(ImageBuffer image)
    {
        var pixels = image.Pixels;
        long sum = 0;
        if (image.Channels == 1)
        {
            sum = Sum(pixels);
        }
        else
        {
            // ITU-R 601-2 luma in PIL's 16-bit fixed point.
            for (var i = 0; i < pixels.Length; i += 3)
                sum += ((pixels[i] * 19595) + (pixels[i + 1] * 38470) + (pixels[i + 2] * 7471) + 0x8000) >> 16;
        }

        return (int)(((double)sum / (image.Width * (long)image.Height)) + 0.5);
    }

    private static long Sum(ReadOnlySpan<byte> values)
    {
        long sum = 0;
        var i = 0;
        while (values.Length - i >= Vector<byte>.Count)
        {
            // Two bytes a lane and step: 128 steps stay below 65,536.
            var lanes = Vector<ushort>.Zero;
            for (var step = 0; step < 128 && values.Length - i >= Vector<byte>.Count; step++, i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(values[i..]), out var low, out var high);
                lanes += low + high;
            }

            Vector.Widen(lanes, out var lower, out var upper);
            sum += Vector.Sum(lower + upper);
        }

        for (; i < values.Length; i++)
            sum += values[i];
        return sum;
    }
}
