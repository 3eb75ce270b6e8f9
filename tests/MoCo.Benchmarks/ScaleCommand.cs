using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;
using MoCo.Benchmarks.Reporting;
using MoCo.Benchmarks.Scaling;
using MoCo.Encoders;
using static System.FormattableString;

namespace MoCo.Benchmarks;

/// <summary>Ranks that train together: what they take here, and what a model that is checked on it expects of many.</summary>
internal sealed class ScaleCommand : ICommand
{
    public string Name => "scale";

    public string Summary => "ranks that train together: measured here, and from a model for up to 1,024 GPUs";

    public string Explanation =>
        "Starts 1, 2 and 4 ranks in turn, which train a ResNet-18 on as many images each, and times their steps and each\n" +
        "collective (a + b * bytes, from size to size). The model: a step is the rank's own work, times the ranks that share a\n" +
        "core, and the collectives one after the other. Its steps are printed beside the measured ones.\n" +
        "Then the model's step of ResNet-50 (v2) for many GPUs on several networks: the efficiency, and what it costs to shuffle\n" +
        "the key views by an all-gather or by the all-to-all that the library makes. What is assumed is printed as assumed.";

    public IReadOnlyList<Flag> Flags => ScaleOptions.Flags;

    public int Run(CommandLine line)
    {
        ScaleOptions options = ScaleOptions.Parse(line);
        Action<string[], IEnumerable<string[]>> print = options.Markdown ? ConsoleTable.PrintMarkdown : ConsoleTable.Print;
        if (!options.ModelOnly) MeasureHere(options, print);
        Forecast(options, print);
        return 0;
    }

    private static void MeasureHere(ScaleOptions options, Action<string[], IEnumerable<string[]>> print)
    {
        RankLauncher launcher = RankLauncher.Find(options.Launcher);
        (ScaleJob job, int cores) = (options.Job, Cores.Allowed().Count);
        ScaleResults results = new(job, cores);
        double? load = MachineInfo.Load();
        for (int round = 1; round <= options.Rounds; round++)
        {
            foreach (int ranks in options.Ranks)
            {
                Console.Error.WriteLine(Invariant($"round {round} of {options.Rounds}: {ranks} rank{(ranks == 1 ? "" : "s")}"));
                results.Add(ranks, launcher.Run(ranks, job));
            }
        }
        StepTraffic traffic = new(job.Batch, job.Size, Job.Dimension, Parameters(Backbone.ResNet18, HeadKind.Linear));
        Console.WriteLine($"Measured here: {launcher.Program} {launcher.Version}; "
            + Invariant($"{cores} cores, {job.Threads} thread{(job.Threads == 1 ? "" : "s")} a rank, load {load} at the start and, our ")
            + Invariant($"own included, {MachineInfo.Load()} at the end; ResNet-18, {job.Batch} images of {job.Size} pixels a rank; ")
            + Invariant($"medians of {options.Rounds} rounds.\n"));
        ScaleTable.PrintSteps(results, traffic, print);
        Console.WriteLine();
        ScaleTable.PrintCalls(results, traffic, print);
        Console.WriteLine();
        ScaleTable.PrintCollectives(results, print);
        Console.WriteLine();
    }

    private static void Forecast(ScaleOptions options, Action<string[], IEnumerable<string[]>> print)
    {
        StepTraffic traffic = new(options.GpuBatch, options.GpuSide, Job.Dimension, Parameters(Backbone.ResNet50, HeadKind.Mlp));
        Console.WriteLine(
            Invariant($"Assumed: a GPU's step of {options.GpuBatch} images takes {options.GpuMilliseconds:F1} ms without the others; ")
            + Invariant($"{options.GpusPerNode} GPUs a node, {options.NvLink} GB/s from each within it; the network's rate is that of ")
            + (options.IsNetworkOfGpu ? "each GPU's card" : "a node's card, which its GPUs share")
            + Invariant($"; {options.Latency} µs a message; full rates; nothing is moved while backward computes. NVLink: as if all ")
            + "GPUs were in one node. Counted: "
            + $"{string.Join(", ", traffic.Calls().Select(call => $"{call.What} {ScaleTable.Bytes(call.Bytes)}"))} a rank and step.\n");
        ScaleTable.PrintForecast(options, traffic, print);
    }

    /// <summary>What an encoder trains: counted, not assumed.</summary>
    private static long Parameters(Backbone backbone, HeadKind head)
    {
        using Encoder encoder = Encoder.Create(
            new EncoderOptions { Backbone = backbone, Head = head, EmbeddingDimension = Job.Dimension, BatchNormSplits = 1 });
        return encoder.parameters().Sum(parameter => parameter.numel());
    }
}
