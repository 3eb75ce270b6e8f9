using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>The last step: bytes to floats, (value / 255 − mean) / standard deviation, channel by channel.</summary>
public sealed class Normalize
{
    private readonly float[] table;

    /// <summary>Checks and takes the statistics.</summary>
    /// <param name="mean">Mean of each channel on the scale 0 … 1; one value serves pictures of any number of channels.</param>
    /// <param name="deviation">Standard deviation of each channel on the same scale, above 0; as many as <paramref name="mean"/>.</param>
    /// <exception cref="ArgumentException">Other than 1 or 3 values, unequal numbers of them, or values out of range.</exception>
    public Normalize(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Count is not (1 or 3))
            throw new ArgumentException($"Expected 1 mean or 3, one for each channel, found {mean.Count}.", nameof(mean));
        if (deviation.Count != mean.Count)
            throw new ArgumentException($"Expected {mean.Count} standard deviations, as many as means, found {deviation.Count}.", nameof(deviation));
        if (mean.Any(value => !double.IsFinite(value)))
            throw new ArgumentException($"Expected finite means, found {string.Join(", ", mean)}.", nameof(mean));
        if (deviation.Any(value => !(value > 0) || !double.IsFinite(value)))
            throw new ArgumentException($"Expected standard deviations above 0, found {string.Join(", ", deviation)}.", nameof(deviation));

        Mean = [.. mean];
        Deviation = [.. deviation];
        table = new float[256 * mean.Count];
        for (var channel = 0; channel < mean.Count; channel++)
        {
            for (var value = 0; value < 256; value++)
                table[(256 * channel) + value] = (float)(((value / 255.0) - mean[channel]) / deviation[channel]);
        }
    }

    /// <summary>One mean and deviation for pictures of any number of channels.</summary>
    /// <param name="mean">The mean on the scale 0 … 1.</param>
    /// <param name="deviation">The standard deviation on the same scale, above 0.</param>
    public Normalize(double mean, double deviation)
        : this([mean], [deviation])
    {
    }

    /// <summary>Only scales to 0 … 1.</summary>
    public static Normalize UnitRange { get; } = new(0, 1);

    /// <summary>Mean ½ and deviation ½: values −1 … 1, for pictures of which nothing is known.</summary>
    public static Normalize HalfRange { get; } = new(0.5, 0.5);

    /// <summary>The statistics of MNIST's training pictures.</summary>
    public static Normalize Mnist { get; } = new(0.1307, 0.3081);

    /// <summary>The statistics of Fashion-MNIST's training pictures.</summary>
    public static Normalize FashionMnist { get; } = new(0.2860, 0.3530);

    /// <summary>Mean of each channel, on the scale 0 … 1.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Standard deviation of each channel, on the scale 0 … 1.</summary>
    public IReadOnlyList<double> Deviation { get; }

    /// <summary>The number of channels that pictures must have; null: any.</summary>
    public int? Channels => Mean.Count == 1 ? null : Mean.Count;

    /// <summary>Writes a picture's pixels as floats, in the same order (H×W×C).</summary>
    /// <param name="image">The picture.</param>
    /// <param name="into">Receives H·W·C values.</param>
    /// <exception cref="ArgumentException">Other channels than the statistics', or a span of another length.</exception>
    public void Apply(ImageBuffer image, Span<float> into)
    {
        ArgumentNullException.ThrowIfNull(image);
        var pixels = image.Pixels;
        if (into.Length != pixels.Length)
            throw new ArgumentException($"Expected room for {pixels.Length} values, found {into.Length}.", nameof(into));
        if (Channels is null)
        {
            for (var i = 0; i < pixels.Length; i++)
                into[i] = table[pixels[i]];
            return;
        }

        if (image.Channels != Channels)
            throw new ArgumentException($"Expected a picture of {Channels} channels, found {image.Channels}.", nameof(image));
        for (var i = 0; i + 2 < pixels.Length; i += 3)
        {
            into[i] = table[pixels[i]];
            into[i + 1] = table[256 + pixels[i + 1]];
            into[i + 2] = table[512 + pixels[i + 2]];
        }
    }
}
