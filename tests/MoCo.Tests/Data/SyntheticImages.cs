using MoCo.Data;

namespace MoCo.Tests.Data;

/// <summary>Pictures made of their own number: cheap, all different, with labels; can be told to fail or to be slow.</summary>
internal sealed class SyntheticImages(int count, int side = 12, int channels = 1, int classes = 4) : IImageSource
{
    private int reads;

    public string Name => "synthetic pictures";

    public int Count => count;

    public int Channels => channels;

    public SourceFaults Faults { get; } = new();

    public IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, classes).Select(label => $"class {label}")];

    public HashSet<int> Broken { get; } = [];

    public TimeSpan Delay { get; init; }

    public int Reads => reads;

    public int? Label(int index) => classes == 0 ? null : index % classes;

    public void Read(int index, ImageBuffer into)
    {
        Interlocked.Increment(ref reads);
        if (Delay > TimeSpan.Zero)
            Thread.Sleep(Delay);
        if (Broken.Contains(index))
            throw new InvalidDataException($"photo{index}.jpg is corrupt");
        into.Resize(side, side, channels);
        var random = new SampleRandom(99, 0, index, 0);
        foreach (ref var value in into.Pixels)
            value = (byte)random.NextUInt32();
    }
}
