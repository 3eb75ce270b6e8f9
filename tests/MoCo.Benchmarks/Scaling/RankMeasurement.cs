using System.Text.Json.Nodes;
using MoCo.Benchmarks.Measuring;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Loading;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Scaling;

/// <summary>What a rank measures, together with the others. The names of the JSON: see the constants.</summary>
internal sealed class RankMeasurement(ScaleJob job, ProcessGroup group)
{
    /// <summary>Milliseconds of a step that each rank makes by itself, all at once: until the slowest has done, and the ranks'
    /// mean.</summary>
    public const string Apart = "apart", ApartMean = "apart_mean";

    /// <summary>Milliseconds of a step that the ranks make together.</summary>
    public const string Together = "together";

    /// <summary>Before the name of what a step moves: milliseconds that a rank waits for the slowest, and of the transfer after
    /// it.</summary>
    public const string Waited = "waited.", Took = "took.";

    private const int QueueLength = 4096, RowNumbers = 16;
    private static readonly int[] Sizes = [1 << 8, 1 << 14, 1 << 18, 1 << 22], LargeSizes = [1 << 24, 3 << 24];

    /// <summary>Before a size in bytes: milliseconds of a collective.</summary>
    public static string Prefix(Collective kind) => $"{kind}.";

    public JsonObject Run()
    {
        random.manual_seed(group.Rank);
        JsonObject result = [];
        MeasureSteps(result);
        if (group.Size > 1)
            foreach (Collective kind in Enum.GetValues<Collective>()) MeasureCollective(kind, result);
        return result;
    }

    private void MeasureSteps(JsonObject result)
    {
        using TwoCropBatch batch = TrainingParts.RandomBatch(job.Batch, job.Size, CPU);
        using MoCoTrainer alone = Trainer(ProcessGroup.Single);
        if (group.Size == 1)
        {
            Add(RankTimes.Of(group, [() => alone.Step(batch)], job.Steps)[0]);
            return;
        }
        MeteredGroup metered = new(group);
        using MoCoTrainer shared = Trainer(metered);
        RankTimes[] times = RankTimes.Of(group, [() => alone.Step(batch), () => shared.Step(batch)], job.Steps);
        Add(times[0]);
        result[Together] = Rounded(times[1].Slowest);
        metered.IsNoting = true;
        for (int step = 0; step < job.Steps; step++) shared.Step(batch);
        AddCalls(metered.Calls, new StepTraffic(job.Batch, job.Size, Job.Dimension, shared.Method.Parameters.Values.numel()), result);

        void Add(RankTimes apart) => (result[Apart], result[ApartMean]) = (Rounded(apart.Slowest), Rounded(apart.Mean));
    }

    private MoCoTrainer Trainer(ProcessGroup ranks) => new(
        MoCoOptions.V1 with
        {
            Encoder = MoCoOptions.V1.Encoder with
            {
                Backbone = Backbone.ResNet18,
                EmbeddingDimension = Job.Dimension,
                BatchNormSplits = ranks.Size,
            },
            Queue = MoCoOptions.V1.Queue with { Length = QueueLength },
            BatchSize = job.Batch * ranks.Size,
        },
        group: ranks);

    /// <exception cref="BenchmarkException">A step moves something else than the model says.</exception>
    private void AddCalls(List<MeteredCall> noted, StepTraffic traffic, JsonObject result)
    {
        IReadOnlyList<Transfer> expected = traffic.Calls();
        MeteredCall[][] steps = [.. noted.Chunk(noted.Count / job.Steps)];
        if (!steps[0].Select(call => (call.Kind, call.Bytes)).SequenceEqual(expected.Select(call => (call.Kind, call.Bytes))))
            throw new BenchmarkException(
                $"A step's collectives are {string.Join(", ", steps[0].Select(call => $"{call.Kind} of {call.Bytes} bytes"))}; the model "
                + $"has {string.Join(", ", expected.Select(call => $"{call.Kind} of {call.Bytes} bytes"))}.");
        for (int i = 0; i < expected.Count; i++)
        {
            result[Waited + expected[i].What] = Rounded(RankTimes.Of(group, steps.Select(step => step[i].Waited)).Mean);
            result[Took + expected[i].What] = Rounded(RankTimes.Of(group, steps.Select(step => step[i].Took)).Slowest);
        }
    }

    private void MeasureCollective(Collective kind, JsonObject result)
    {
        foreach (int bytes in kind == Collective.AllReduce ? [.. Sizes, .. LargeSizes] : Sizes)
        {
            using Tensor rows = ones(bytes / sizeof(float) / RowNumbers, RowNumbers);
            int[] counts = [.. Enumerable.Range(0, group.Size)
                .Select(rank => (int)((rank + 1) * rows.shape[0] / group.Size - rank * rows.shape[0] / group.Size))];
            int own = counts[group.Rank];
            Action call = kind switch
            {
                Collective.AllReduce => () => group.AllReduceSum(rows),
                Collective.AllGather => () => group.AllGather(rows).Dispose(),
                _ => () => group.Exchange(rows, new RowCounts(counts, [.. counts.Select(_ => own)])).Dispose(),
            };
            result[Prefix(kind) + bytes] = Rounded(RankTimes.Of(group, [call], bytes > Sizes[^2] ? 10 : 40)[0].Slowest);
        }
    }

    private static double Rounded(double milliseconds) => Math.Round(milliseconds, 4);
}
