using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Measuring;

/// <summary>A run of the collapse experiment.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="IsSound">Whether it is to be left in peace.</param>
/// <param name="Options">Of one epoch, but for the seed.</param>
internal sealed record CollapseRun(string Name, bool IsSound, MoCoOptions Options)
{
    /// <summary>The views; null: those for grey images.</summary>
    public Func<int, AugmentationRecipe>? Views { get; init; }

    /// <summary>The method; null: the one of the options.</summary>
    public Func<MoCoOptions, ContrastiveMethod>? Method { get; init; }
}

/// <summary>Runs that collapse on purpose, and sound ones of every method and recipe.</summary>
internal static class CollapseRuns
{
    private static readonly EncoderOptions Small = new()
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImageStride2,
        InputChannels = 1,
        Width = 0.25,
    };

    public static IReadOnlyList<CollapseRun> Of(int images)
    {
        MoCoOptions usual = Recipe(MoCoOptions.Cifar);
        MoCoOptions inBatch = usual with { KeyEncoder = usual.KeyEncoder with { ShuffleBatch = false } };
        MoCoOptions simClr = inBatch with { Method = MethodKind.SimClr, Loss = new() { Temperature = 0.5 } };
        MoCoOptions bank = inBatch with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = images }, Epochs = 2 };
        return
        [
            new("MoCo v1, K 65,536", true, Recipe(MoCoOptions.V1)),
            new("MoCo v2, K 65,536", true, Recipe(MoCoOptions.V2)),
            new("MoCo v3", true, Recipe(MoCoOptions.V3)),
            new("MoCo, CIFAR recipe", true, usual),
            new("MoCo v2, K 4,096, m 0.99", true, Recipe(MoCoOptions.V2) with { Queue = usual.Queue, KeyEncoder = usual.KeyEncoder }),
            new("MoCo v2, K 65,536, learning rate / 10", true, Slow(Recipe(MoCoOptions.V2))),
            new("MoCHi (1024, 512, 256)", true, usual with { Loss = usual.Loss with { Mixing = new() { FromEpoch = 0 } } }),
            new("MoCo, symmetric", true, usual with { Loss = usual.Loss with { Symmetric = SymmetricLoss.Mean } }),
            new("end-to-end", true, inBatch with { Method = MethodKind.EndToEnd }),
            new("SimCLR", true, simClr),
            new("SimCLR, MLP head", true, simClr with { Encoder = usual.Encoder with { Head = HeadKind.Mlp } }),
            new("DirectCLR, 32 features", true, simClr with
            {
                Encoder = usual.Encoder with { Head = HeadKind.Direct, EmbeddingDimension = 32 },
            }),
            new("memory bank", true, bank),
            new("memory bank, NCE, learning rate / 10", true, Slow(bank) with
            {
                MemoryBank = bank.MemoryBank with { Loss = Contrast.Negatives.MemoryBankLoss.Nce },
            }),
            new("Contrastive Clustering", true, inBatch with
            {
                Method = MethodKind.ContrastiveClustering,
                Loss = new() { Temperature = 0.5 },
                Encoder = usual.Encoder with { Head = HeadKind.Mlp },
            }),
            new("no negatives", false, usual) { Method = AlignmentOnly.Of },
            new("no negatives, MLP head", false, Recipe(MoCoOptions.V2)) { Method = AlignmentOnly.Of },
            new("learning rate × 100", false, usual with { Optimizer = usual.Optimizer with { LearningRate = 6 } }),
            new("v2, learning rate × 100", false, Recipe(MoCoOptions.V2) with { Optimizer = new() { LearningRate = 3 } }),
            new("τ 100, which stands still", true, usual with { Loss = new() { Temperature = 100 } }),
            new("no augmentation", false, usual) { Views = size => AugmentationRecipe.Grey(size).ForEvaluation() },
        ];

        MoCoOptions Recipe(MoCoOptions of) => of with
        {
            Encoder = of.Encoder with { Backbone = Small.Backbone, Stem = Small.Stem, InputChannels = 1, Width = Small.Width },
            BatchSize = 128,
            Epochs = 1,
        };

        MoCoOptions Slow(MoCoOptions of) => of with { Optimizer = of.Optimizer with { LearningRate = of.Optimizer.LearningRate / 10 } };
    }

    /// <summary>Brings the two views together and does nothing else: the loss 1 − cos(q, k), one encoder, gradient on both sides.</summary>
    private sealed class AlignmentOnly : ContrastiveMethod
    {
        private readonly Encoder encoder;

        private AlignmentOnly(Encoder encoder)
            : base(nameof(AlignmentOnly))
        {
            this.encoder = encoder;
            RegisterComponents();
        }

        public static AlignmentOnly Of(MoCoOptions options) =>
            new(Encoder.Create(options.Encoder, options.Precision, options.Seed));

        public override Encoder QueryEncoder => encoder;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor q = nn.functional.normalize(encoder.call(input.Query), dim: 1);
            Tensor k = nn.functional.normalize(encoder.call(input.Key), dim: 1);
            input.Show(q, k);
            Tensor positive = (q * k).sum(1).mean(), none = zeros(1).squeeze();
            ContrastiveLoss loss = new(ones(1).squeeze() - positive, none, positive.detach(), none.clone(), none.clone());
            foreach (Tensor part in (Tensor[])[loss.Loss, loss.Accuracy, loss.PositiveSimilarity, loss.NegativeSimilarity, loss.Spread])
                part.MoveToOuterDisposeScope();
            return loss;
        }
    }
}
