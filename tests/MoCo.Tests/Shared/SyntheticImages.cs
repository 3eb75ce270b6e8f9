using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Shared;

/// <summary>Images made of their own number: cheap, all different, with labels; can be told to fail or to be slow.</summary>
internal sealed class SyntheticImages(int count, int side = 12, int channels = 1, int classes = 4) : IImageSource
{
    private int reads;

    public string Name => "synthetic images";

    public int Count => count;

    public int Channels => channels;

    public SourceErrors Errors { get; } = new();

    public IReadOnlyList<string> Classes { get; } = [.. Enumerable.Range(0, classes).Select(label => $"class {label}")];

    /// <summary>Images that are corrupt.</summary>
    public HashSet<int> Broken { get; } = [];

    /// <summary>Images at which the program fails.</summary>
    public HashSet<int> Crashing { get; } = [];

    public TimeSpan Delay { get; init; }

    /// <summary>An image that is not read before somebody opens the gate.</summary>
    public (int Index, ManualResetEventSlim Gate)? Hold { get; init; }

    public int Reads => reads;

    public int? Label(int index) => classes == 0 ? null : index % classes;

    public string Locate(int index) => $"photo{index}.jpg";

    public void Read(int index, ImageBuffer into)
    {
        Interlocked.Increment(ref reads);
        if (Delay > TimeSpan.Zero) Thread.Sleep(Delay);
        if (Hold is { } hold && hold.Index == index) hold.Gate.Wait();
        if (Broken.Contains(index)) throw new InvalidDataException("corrupt");
        if (Crashing.Contains(index)) throw new NotSupportedException("no such thing");
        into.Resize(side, side, channels);
        SampleRandom random = new(99, 0, index, 0);
        foreach (ref byte value in into.Pixels) value = (byte)random.NextUInt32();
    }
}
