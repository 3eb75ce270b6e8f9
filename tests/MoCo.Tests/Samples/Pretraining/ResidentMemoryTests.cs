using System.Diagnostics;
using System.Globalization;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What the system counts: live tensors and the managed heap leave out what the C heap keeps.</summary>
public sealed class ResidentMemoryTests : IDisposable
{
    private const int Steps = 300, Settled = 15, Looks = 8, End = Settled + Steps / SmallRun.StepsPerEpoch;

    /// <summary>A step's activations alone are some megabytes here: one lost in ten steps would be seen.</summary>
    // What the heap keeps when it is not trimmed: what stayed with each collection was 300 MiB in 1,000 steps, when there were fewer
    // collections.
    private const double MostGrowth = 64;

    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void Three_hundred_steps_with_their_loader_and_checkpoints_grow_the_process_by_less_than_64_MiB()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/proc is Linux's");
        string[] flags = small.Flags(epochs: End + Looks + 5);
        flags[Array.IndexOf(flags, "--save-every-steps") + 1] = "50";
        // Where the processor's cache is large, there is more garbage between two collections than what is looked for.
        using Process process = SmallRun.StartWithSmallHeap([.. flags, "--out", small.Folder.Root]);
        double before = Least(process, Settled), after = Least(process, End);
        process.Kill();
        process.WaitForExit();
        Assert.True(before > 100, $"{before} MiB cannot be libtorch and a network");
        Assert.True(after - before < MostGrowth, $"resident memory grew from {before:F0} to {after:F0} MiB in {Steps} steps");
    }

    /// <summary>The least of some epochs: between two collections there is garbage, which is no growth.</summary>
    private static double Least(Process process, int fromEpoch)
    {
        double least = double.PositiveInfinity;
        for (int epoch = fromEpoch; epoch < fromEpoch + Looks; epoch++)
        {
            SmallRun.Until(process, $"epoch {epoch}:");
            least = Math.Min(least, Resident(process));
        }
        return least;
    }

    private static double Resident(Process process)
    {
        string line = File.ReadLines($"/proc/{process.Id}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return double.Parse(line.Split(':', 'k')[1], CultureInfo.InvariantCulture) / 1024;
    }
}
