using System.Security.Cryptography;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>A small run in float64 that any number of processes can share: the same batches, each rank its part of them. Ranks begin with
/// weights of their own, which the trainer makes equal.</summary>
/// <param name="Method">What trains.</param>
/// <param name="Splits">Groups of BatchNorm over the whole batch.</param>
internal sealed record RankRun(MethodKind Method = MethodKind.MoCo, int Splits = 4)
{
    public const int Batch = 16;

    /// <summary>Steps of a whole run, three epochs: the queue is filled three times over, or, of 100 keys, nearly twice.</summary>
    public const int AllSteps = 12;

    private const int Dimension = 8, Samples = 40, Classes = 3;

    public int Queue { get; init; } = 64;

    public bool Mlp { get; init; }

    public bool BatchNormHead { get; init; }

    public bool Shuffle { get; init; } = true;

    public SymmetricLoss Symmetric { get; init; }

    public bool LeaveOut { get; init; }

    public MixingOptions? Mixing { get; init; }

    public bool Nce { get; init; }

    public bool Shared { get; init; }

    /// <summary>Small views of each image.</summary>
    public int Small { get; init; }

    /// <summary>How far numbers may lie apart after a whole run: BatchNorm over a few embeddings makes more of rounding.</summary>
    public double Tolerance => BatchNormHead ? 1e-9 : 1e-12;

    /// <summary>The runs that every number of processes must make alike, by name.</summary>
    public static IReadOnlyDictionary<string, RankRun> Named { get; } = new Dictionary<string, RankRun>
    {
        ["v1"] = new(),
        ["v1, 2 groups each"] = new(Splits: 8),
        ["v1, K 100"] = new() { Queue = 100 },
        ["v1, no shuffle"] = new() { Shuffle = false },
        ["v2"] = new() { Mlp = true },
        ["symmetric"] = new() { Symmetric = SymmetricLoss.Mean },
        ["symmetric sum, K 100, noted"] = new() { Symmetric = SymmetricLoss.Sum, Queue = 100, LeaveOut = true },
        ["own images left out"] = new() { LeaveOut = true },
        ["mixed"] = new() { Mixing = new() { Hardest = 16, Pairs = 8, WithQuery = 4 }, LeaveOut = true },
        ["one encoder"] = new() { Shared = true },
        ["end to end"] = new(MethodKind.EndToEnd),
        ["end to end, symmetric"] = new(MethodKind.EndToEnd) { Symmetric = SymmetricLoss.Sum },
        ["SimCLR"] = new(MethodKind.SimClr) { Mlp = true },
        ["SimCLR, BatchNorm in the head"] = new(MethodKind.SimClr) { BatchNormHead = true },
        ["memory bank"] = new(MethodKind.MemoryBank),
        ["memory bank, NCE"] = new(MethodKind.MemoryBank) { Nce = true },
        ["clustering"] = new(MethodKind.ContrastiveClustering) { Mlp = true },
        ["v3"] = new(MethodKind.MoCoV3) { BatchNormHead = true },
        ["multi-crop"] = new() { Small = 3 },
        ["multi-crop, symmetric, mixed"] = new()
        {
            Small = 2,
            Symmetric = SymmetricLoss.Mean,
            Mixing = new() { Hardest = 16, Pairs = 8, WithQuery = 4, FromEpoch = 0 },
            LeaveOut = true,
        },
        ["multi-crop v3"] = new(MethodKind.MoCoV3) { BatchNormHead = true, Small = 2 },
    };

    public MoCoOptions Options => new()
    {
        Method = Method,
        Encoder = new() { BatchNormSplits = Splits, Head = Method == MethodKind.MoCoV3 ? HeadKind.BatchNormMlp : HeadKind.Linear },
        KeyEncoder = new() { ShuffleBatch = Method == MethodKind.MoCo && Shuffle },
        Queue = new() { Length = Queue },
        BatchSize = Batch,
        Optimizer = new() { LearningRate = 0.3, WeightDecay = 1e-3 },
        Schedule = new CosineSchedule { PerStep = true, WarmupEpochs = 0.5 },
        MemoryBank = new() { Samples = Samples, Negatives = 16 },
        Epochs = 6,
        Seed = 7,
    };

    /// <summary>A trainer at the run's beginning.</summary>
    /// <param name="permutation">Of the shuffle; null: the helper's own.</param>
    public MoCoTrainer Trainer(ProcessGroup group, Func<long, long, long[]>? permutation = null)
        => new(Build(group, permutation), Options, group: group);

    /// <summary>One rank's part of a run's batch; epochs are of four batches.</summary>
    public static TwoCropBatch BatchOf(ProcessGroup group, int step, int small = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)(100 + step), CPU);
        Tensor query = randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator),
            key = query.Plus(randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator).Times(0.3));
        int[] indices = [.. Enumerable.Range(0, Batch).Select(n => (step * Batch + n) * 7 % Samples)];
        int[] own = [.. indices.Where((_, n) => n % group.Size == group.Rank)];
        return new TwoCropBatch(Own(query), Own(key), own, step / 4, step % 4)
        {
            Labels = own.Select(index => index % Classes).ToArray(),
            SmallViews = [.. Enumerable.Range(0, small).Select(_ => Own(query.narrow(2, 1, 4).narrow(3, 1, 4)
                .Plus(randn(Batch, 1, 4, 4, dtype: ScalarType.Float64, generator: generator).Times(0.3))))],
        };

        Tensor Own(Tensor whole) => group.OwnRows(whole).contiguous();
    }

    /// <summary>Makes steps and says where they lead.</summary>
    /// <param name="small">Small views of each image.</param>
    public static RankResult Steps(MoCoTrainer trainer, int count, int small = 0)
    {
        List<double> losses = [];
        for (int i = 0; i < count; i++)
        {
            using TwoCropBatch batch = BatchOf(trainer.Group, (int)trainer.StepCount, small);
            losses.Add(trainer.Step(batch).Loss);
            if (trainer.StepCount % 4 == 0) trainer.EndEpoch();
        }
        return RankResult.Of(trainer, [.. losses]);
    }

    /// <summary>A whole run.</summary>
    public RankResult Train(ProcessGroup group, int steps = AllSteps, Func<long, long, long[]>? permutation = null)
    {
        using MoCoTrainer trainer = Trainer(group, permutation);
        return Steps(trainer, steps, Small);
    }

    private ContrastiveMethod Build(ProcessGroup group, Func<long, long, long[]>? permutation)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new((ulong)(3 + group.Rank), CPU);
        (int own, LossOptions loss) = (Splits / group.Size, new() { Symmetric = Symmetric, Mixing = Mixing });
        Encoder query = Encoder(), key = Encoder();
        switch (Method)
        {
            case MethodKind.EndToEnd:
                return new EndToEndContrast(query, key, Batch, loss);
            case MethodKind.SimClr:
                return new EndToEndContrast(query, null, Batch, loss);
            case MethodKind.MemoryBank:
                MemoryBank bank = new(Samples, Dimension, 5, dtype: ScalarType.Float64);
                return new MemoryBankContrast(
                    query, bank, Options.MemoryBank with { Loss = Nce ? MemoryBankLoss.Nce : MemoryBankLoss.InfoNce }, loss);
            case MethodKind.ContrastiveClustering:
                return new ContrastiveClustering(query, Random(new ProjectionHead(HeadKind.Mlp, 4, 5)), 5, Batch);
            case MethodKind.MoCoV3:
                return new MoCoV3(query, key, Random(new BatchNormMlp(2, Dimension, 6, Dimension, lastBatchNorm: false)), Batch);
            default:
                KeyQueue queue = new(Dimension, Queue, generator, trackSlots: LeaveOut, dtype: ScalarType.Float64);
                BatchShuffle? shuffle = !Shuffle ? null : permutation is null ? new BatchShuffle(7) : new BatchShuffle(permutation);
                return new MomentumContrast(query, Shared ? null : key, queue, 0.9, loss, shuffle,
                    LeaveOut ? KeyExclusion.OwnImage : KeyExclusion.None, 7);
        }

        Encoder Encoder()
        {
            nn.Module<Tensor, Tensor> head = BatchNormHead ? new BatchNormMlp(2, 4, 6, Dimension)
                : new ProjectionHead(Mlp ? HeadKind.Mlp : HeadKind.Linear, 4, Dimension);
            return Random(new Encoder(new TinyBackbone(own), head));
        }

        T Random<T>(T module)
            where T : nn.Module
        {
            module.to(ScalarType.Float64);
            using IDisposable constant = no_grad();
            foreach (Tensor parameter in module.parameters().Where(parameter => parameter.dim() > 1))
                parameter.copy_(randn(parameter.shape, dtype: ScalarType.Float64, generator: generator).Times(0.5));
            return module;
        }
    }
}

/// <summary>Where a run stands.</summary>
/// <param name="Losses">Of its steps.</param>
/// <param name="State">Numbers by name: weights, statistics, queue, pointer, velocity.</param>
internal sealed record RankResult(double[] Losses, Dictionary<string, double[]> State)
{
    public static RankResult Of(MoCoTrainer trainer, double[] losses)
    {
        using DisposeScope scope = NewDisposeScope();
        return new RankResult(losses, trainer.Method.state_dict().ToDictionary(
            entry => entry.Key, entry => entry.Value.detach().to(ScalarType.Float64).contiguous().data<double>().ToArray()));
    }

    /// <summary>One number for all bits.</summary>
    public string Digest() => Convert.ToHexString(SHA256.HashData(
        [.. State.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value)
            .Concat(Losses).SelectMany(BitConverter.GetBytes)]));

    /// <summary>The greatest difference of any number, for those above 1 as a share of it, and its tensor's name; NaN where one is
    /// missing.</summary>
    public (double Difference, string Name) Worst(RankResult other)
        => State.Select(entry => (Apart(entry.Value, other.State.GetValueOrDefault(entry.Key)), entry.Key))
            .Append((Apart(Losses, other.Losses) * 1e-7, "losses, which are kept in float32")).MaxBy(pair => pair.Item1);

    private static double Apart(double[] a, double[]? b)
        => b?.Length != a.Length ? double.NaN : a.Zip(b, (x, y) => Math.Abs(x - y) / Math.Max(1, Math.Abs(x))).DefaultIfEmpty().Max();
}
