using System.Runtime.InteropServices;
using MoCo.Augmentation.Conversion;
using MoCo.Imaging;

namespace MoCo.Augmentation;

/// <summary>The last step: bytes to floats, (value / 255 − mean) / standard deviation, channel by channel.</summary>
public sealed class Normalize
{
    private readonly PixelConversion conversion;

    /// <summary>Checks and takes the statistics.</summary>
    /// <param name="mean">Mean of each channel on the scale 0 … 1; one value serves images of any number of channels.</param>
    /// <param name="deviation">Standard deviation of each channel on the same scale, above 0; as many as <paramref name="mean"/>.</param>
    /// <exception cref="ArgumentException">Other than 1 or 3 values, unequal numbers of them, or values out of range.</exception>
    public Normalize(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        ArgumentNullException.ThrowIfNull(mean);
        ArgumentNullException.ThrowIfNull(deviation);
        if (mean.Count is not (1 or 3)) throw Bad(nameof(mean), $"Expected 1 mean or 3, one for each channel, found {mean.Count}.");
        if (deviation.Count != mean.Count)
            throw Bad(nameof(deviation), $"Expected {mean.Count} standard deviations, as many as means, found {deviation.Count}.");
        if (mean.Any(value => !double.IsFinite(value))) throw Bad(nameof(mean), $"Expected finite means, found {Listed(mean)}.");
        if (deviation.Any(value => !(value > 0) || !double.IsFinite(value)))
            throw Bad(nameof(deviation), $"Expected standard deviations above 0, found {Listed(deviation)}.");

        (Mean, Deviation, conversion) = ([.. mean], [.. deviation], new PixelConversion(mean, deviation));
    }

    /// <summary>One mean and deviation for images of any number of channels.</summary>
    /// <param name="mean">The mean on the scale 0 … 1.</param>
    /// <param name="deviation">The standard deviation on the same scale, above 0.</param>
    public Normalize(double mean, double deviation)
        : this([mean], [deviation])
    {
    }

    /// <summary>Only scales to 0 … 1.</summary>
    public static Normalize UnitRange { get; } = new(0, 1);

    /// <summary>Mean ½ and deviation ½: values −1 … 1, for images of which nothing is known.</summary>
    public static Normalize HalfRange { get; } = new(0.5, 0.5);

    /// <summary>The statistics of MNIST's training images.</summary>
    public static Normalize Mnist { get; } = new(0.1307, 0.3081);

    /// <summary>The statistics of Fashion-MNIST's training images.</summary>
    public static Normalize FashionMnist { get; } = new(0.2860, 0.3530);

    /// <summary>The statistics of ImageNet's training images, as the official code has them.</summary>
    public static Normalize ImageNet { get; } = new([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

    /// <summary>The statistics of CIFAR-10's training images, as the official notebook has them.</summary>
    public static Normalize Cifar10 { get; } = new([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]);

    /// <summary>Mean of each channel, on the scale 0 … 1.</summary>
    public IReadOnlyList<double> Mean { get; }

    /// <summary>Standard deviation of each channel, on the scale 0 … 1.</summary>
    public IReadOnlyList<double> Deviation { get; }

    /// <summary>The number of channels that images must have; null: any.</summary>
    public int? Channels => Mean.Count == 1 ? null : Mean.Count;

    /// <summary>Writes an image's pixels as floats, in the same order (H×W×C).</summary>
    /// <param name="image">The image.</param>
    /// <param name="into">Receives H·W·C values.</param>
    /// <exception cref="ArgumentException">Other channels than the statistics', or a span of another length.</exception>
    internal void Apply(ImageBuffer image, Span<float> into)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (into.Length != image.Pixels.Length)
            throw Bad(nameof(into), $"Expected room for {image.Pixels.Length} values, found {into.Length}.");
        Apply(image, MemoryMarshal.AsBytes(into), bfloat16: false);
    }

    /// <summary>The same, straight into a batch's memory, as floats or as bfloat16.</summary>
    /// <exception cref="ArgumentException">Other channels than the statistics', or a span of another length.</exception>
    internal unsafe void Apply(ImageBuffer image, Span<byte> into, bool bfloat16)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (Channels is { } channels && image.Channels != channels)
            throw Bad(nameof(image), $"Expected an image of {channels} channels, found {image.Channels}.");
        Span<byte> pixels = image.Pixels;
        long bytes = (long)pixels.Length * (bfloat16 ? sizeof(ushort) : sizeof(float));
        if (into.Length != bytes)
            throw Bad(nameof(into), $"Expected room for {bytes} bytes, {pixels.Length} values, found {into.Length}.");
        fixed (byte* from = pixels, to = into)
        {
            if (bfloat16) conversion.Convert<BFloat16Writer>(from, pixels.Length, image.Channels, to);
            else conversion.Convert<Float32Writer>(from, pixels.Length, image.Channels, to);
        }
    }

    private static string Listed(IEnumerable<double> values) => string.Join(", ", values.Select(value => Invariant($"{value}")));

    private static ArgumentException Bad(string parameter, string why) => new(why, parameter);
}
