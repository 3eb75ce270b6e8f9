using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Benchmarks.Measuring;

/// <summary>Grey 28×28 images of noise in memory, the shape of the MNIST family: what is timed is the loader, not a disk.</summary>
internal sealed class RandomImages : IImageSource
{
    private const int Side = 28;
    private readonly byte[] pixels = new byte[8192 * Side * Side];

    public RandomImages() => new Random(0).NextBytes(pixels);

    public string Name => "noise";

    public int Count => pixels.Length / (Side * Side);

    public int Channels => 1;

    public SourceErrors Errors { get; } = new();

    public IReadOnlyList<string> Classes => [];

    public int? Label(int index) => null;

    public void Read(int index, ImageBuffer into)
    {
        into.Resize(Side, Side, 1);
        pixels.AsSpan(index * Side * Side, Side * Side).CopyTo(into.Pixels);
    }
}
