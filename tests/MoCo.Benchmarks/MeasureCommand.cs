using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Reporting;
using static TorchSharp.torch;

namespace MoCo.Benchmarks;

/// <summary>Measures one job of ours in this process: our counterpart of pytorch/step.py.</summary>
internal sealed class MeasureCommand : ICommand
{
    public string Name => "measure";

    public string Summary => "some parts of one shape in this process, as one line of JSON (what 'step' starts)";

    public string Explanation =>
        "Measures parts of one training step here and now and prints one line of JSON: medians in milliseconds, the\n" +
        "loader's in pairs of views a second. 'step' starts one such process a round; alone it serves profilers.\n" +
        "step and forward_backward take turns; the other parts run one after the other.";

    public IReadOnlyList<Flag> Flags => Job.Flags;

    public int Run(CommandLine line)
    {
        Job job = Job.Parse(line);
        set_num_threads(job.Threads);
        if (job.Device == "cuda" && !cuda.is_available())
            throw new BenchmarkException("--device is cuda, but this libtorch sees no CUDA device.");
        random.manual_seed(0);

        JsonObject result = new();
        JsonObject iterations = new();
        Stopper stopper = new(job.Device == "cuda" ? () => cuda.synchronize() : () => { }) { ProcessorTime = job.ProcessorTime };
        double weights = job.Parts.Sum(Part.Weight);
        MeasureTraining(job, stopper, weights, Add);
        MeasureSmallParts(job, stopper, weights, Add);
        MeasureLoader(job, weights, result);

        if (MachineInfo.PeakMemory() is double peak) result["peak_memory_mb"] = Math.Round(peak, 1);
        if (job.Device == "cpu" && job.Parts.Contains(Part.ForwardBackward)) result["blas_gflops"] = Math.Round(Operations.Fastest(), 1);
        result["torch_version"] = __version__;
        result["threads"] = get_num_threads();
        result["iterations"] = iterations;
        Console.WriteLine(result.ToJsonString());
        return 0;

        void Add(string part, double[] durations)
        {
            result[part] = Math.Round(Statistics.Median(durations), 4);
            iterations[part] = durations.Length;
        }
    }

    private static void MeasureTraining(Job job, Stopper stopper, double weights, Action<string, double[]> add)
    {
        string[] parts = [.. job.Parts.Where(p => p is Part.Step or Part.ForwardBackward)];
        if (parts.Length == 0) return;
        using TrainingParts training = new(job);
        double[][] durations = stopper.Time(
            [.. parts.Select<string, Action>(p => p == Part.Step ? training.Step : training.ForwardBackward)],
            job.Seconds * parts.Sum(Part.Weight) / weights);
        for (int i = 0; i < parts.Length; i++) add(parts[i], durations[i]);
    }

    private static void MeasureSmallParts(Job job, Stopper stopper, double weights, Action<string, double[]> add)
    {
        string[] parts = [.. job.Parts.Where(p => p is Part.InfoNce or Part.MomentumUpdate or Part.Sgd or Part.Enqueue)];
        if (parts.Length == 0) return;
        using SmallParts small = new(job);
        foreach (string part in parts) add(part, stopper.Time([small.Of(part)], job.Seconds * Part.Weight(part) / weights)[0]);
    }

    private static void MeasureLoader(Job job, double weights, JsonObject result)
    {
        foreach (string part in job.Parts.Where(p => p is Part.LoaderOneWorker or Part.LoaderTwoWorkers))
            result[part] = Math.Round(
                LoaderSpeed.OfSmallImages(part == Part.LoaderOneWorker ? 1 : 2, job.Seconds * Part.Weight(part) / weights).PairsPerSecond);
    }
}
