using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Reporting;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Benchmarks;

/// <summary>Measures one job of the peer in plain TorchSharp in this process.</summary>
internal sealed class MeasureTorchSharpCommand : ICommand
{
    public string Name => "measure-torchsharp";

    public string Summary => "the same parts in plain TorchSharp and TorchVision, as one line of JSON (what 'step --compare' starts)";

    public string Explanation =>
        "Measures parts of one training step as the official code writes it, in plain TorchSharp and TorchVision on the same\n" +
        "libtorch as ours, here and now, and prints one line of JSON. torchvision's stem and float32 only.";

    public IReadOnlyList<Flag> Flags => Job.Flags;

    public int Run(CommandLine line)
    {
        Job job = Job.Parse(line);
        if (!Supports(job))
            throw new UsageException(
                "measure-torchsharp knows torchvision's stem and float32 only; expected --stem imagenet without --bf16.");
        if (job.Parts.Any(p => p is Part.LoaderOneWorker or Part.LoaderTwoWorkers))
            throw new UsageException("--only names a loader; expected parts of a step.");
        set_num_threads(job.Threads);
        if (job.Device == "cuda" && !cuda.is_available())
            throw new BenchmarkException("--device is cuda, but this libtorch sees no CUDA device.");
        random.manual_seed(0);

        JsonObject result = new();
        JsonObject iterations = new();
        // A collection in the middle of a step may end it: see README.md.
        using CollectionPause pause = new();
        pause.Renew();
        Stopper stopper = new(job.Device == "cuda" ? () => cuda.synchronize() : () => { }, pause.Renew);
        using TorchSharpParts parts = new(job);
        string[][] together = [[.. job.Parts.Where(p => p is Part.Step or Part.ForwardBackward)],
            .. job.Parts.Where(p => p is not (Part.Step or Part.ForwardBackward)).Select(p => new[] { p })];
        foreach (string[] group in together.Where(g => g.Length > 0))
        {
            double[][] durations = stopper.Time(
                [.. group.Select(parts.Of)], job.Seconds * group.Sum(Part.Weight) / job.Parts.Sum(Part.Weight));
            for (int i = 0; i < group.Length; i++)
            {
                result[group[i]] = Math.Round(Statistics.Median(durations[i]), 4);
                iterations[group[i]] = durations[i].Length;
            }
        }
        if (MachineInfo.PeakMemory() is double peak) result["peak_memory_mb"] = Math.Round(peak, 1);
        result["torch_version"] = __version__;
        result["threads"] = get_num_threads();
        result["iterations"] = iterations;
        Console.WriteLine(result.ToJsonString());
        return 0;
    }

    /// <summary>Whether plain TorchSharp can do a job at all: its ResNet has one stem, and it has no autocast.</summary>
    public static bool Supports(Job job) => job.Stem == Encoders.Stem.ImageNet && !job.BFloat16;
}
