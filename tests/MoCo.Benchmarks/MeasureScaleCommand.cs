using System.Text.Json.Nodes;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Scaling;
using MoCo.Distributed;
using static TorchSharp.torch;

namespace MoCo.Benchmarks;

/// <summary>Measures steps and collectives as one of the ranks that a launcher has started.</summary>
internal sealed class MeasureScaleCommand : ICommand
{
    public string Name => "measure-scale";

    public string Summary => "steps and collectives of the ranks that mpirun starts, as one line of JSON (what 'scale' starts)";

    public string Explanation =>
        "Each rank trains a ResNet-18 by itself and, in turn with that, together with the others; then each collective is timed\n" +
        "at several sizes. Rank 0 prints one line of JSON: medians in milliseconds of each time's slowest rank. Without a\n" +
        "launcher it is the one rank, which has no collectives.";

    public IReadOnlyList<Flag> Flags => ScaleJob.Flags;

    public int Run(CommandLine line)
    {
        ScaleJob job = ScaleJob.Parse(line);
        set_num_threads(job.Threads);
        ProcessGroup group = ProcessGroup.FromEnvironment();
        JsonObject result = new RankMeasurement(job, group).Run();
        if (group.Rank == 0) Console.WriteLine(result.ToJsonString());
        group.Complete();
        return 0;
    }
}
