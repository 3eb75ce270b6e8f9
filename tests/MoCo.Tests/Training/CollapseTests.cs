using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A run that is made to collapse is recognised at the end of its first epoch, and a sound one is left in peace: small versions
/// of the runs of samples/docs/collapse.md.</summary>
public sealed class CollapseTests
{
    private static readonly MoCoOptions Small = TrainerFixture.Options with
    {
        Epochs = 1,
        BatchSize = 32,
        Encoder = TrainerFixture.Options.Encoder with { EmbeddingDimension = 32 },
        Queue = new() { Length = 256 },
        KeyEncoder = new() { Momentum = 0.99 },
        Schedule = new CosineSchedule(),
    };

    private static readonly Dictionary<string, MoCoOptions> Sound = new()
    {
        ["MoCo v1"] = Small with { Loss = new() { Temperature = 0.07 } },
        ["MoCo v2"] = Small with { Encoder = Small.Encoder with { Head = HeadKind.Mlp } },
        ["symmetric"] = Small with { Loss = new() { Temperature = 0.2, Symmetric = SymmetricLoss.Mean } },
        ["MoCHi"] = Small with { Loss = new() { Mixing = new() { Hardest = 64, Pairs = 32, WithQuery = 16, FromEpoch = 0 } } },
        ["end-to-end"] = Small with { Method = MethodKind.EndToEnd },
        ["SimCLR"] = Small with { Method = MethodKind.SimClr, Loss = new() { Temperature = 0.5 } },
        ["DirectCLR"] = Small with { Method = MethodKind.SimClr, Encoder = Small.Encoder with { Head = HeadKind.Direct } },
        ["memory bank"] = Small with
        {
            Method = MethodKind.MemoryBank,
            MemoryBank = new() { Samples = Images, Negatives = 256 },
            Epochs = 2,
        },
        ["Contrastive Clustering"] = Small with
        {
            Method = MethodKind.ContrastiveClustering,
            Encoder = Small.Encoder with { Head = HeadKind.Mlp },
            Loss = new() { Temperature = 0.5 },
            Clustering = new() { Clusters = 3 },
        },
        ["MoCo v3"] = Small with
        {
            Method = MethodKind.MoCoV3,
            Encoder = Small.Encoder with { Head = HeadKind.BatchNormMlp, HiddenDimension = 64, BatchNormSplits = 1 },
            Loss = new() { Temperature = 1 },
        },
    };

    private const int Images = 32 * 60;

    public static TheoryData<string> Names => new(Sound.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sound_run_is_not_accused(string name)
    {
        MoCoOptions options = Sound[name];
        using MoCoTrainer trainer = new(options);
        Assert.All(Run(trainer, options), epoch => Assert.DoesNotContain("collaps", epoch.Health(), StringComparison.Ordinal));
        Assert.NotNull(trainer.Embeddings);
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Mlp)]
    public void Without_negatives_all_embeddings_come_to_a_point(HeadKind head)
    {
        MoCoOptions options = Small with { Encoder = Small.Encoder with { Head = head } };
        using MoCoTrainer trainer = new(new AlignmentOnly(Encoder.Create(options.Encoder, seed: options.Seed)), options);
        Assert.Contains("collapsing to a point", Assert.Single(Run(trainer, options)).Health(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HeadKind.Linear)]
    [InlineData(HeadKind.Mlp)]
    public void At_a_rate_that_is_far_too_high_they_do_too_or_come_to_a_line(HeadKind head)
    {
        MoCoOptions options = Small with
        {
            Encoder = Small.Encoder with { Head = head },
            Optimizer = new() { LearningRate = 30 },
        };
        using MoCoTrainer trainer = new(options);
        Assert.Contains("collapsing to", Assert.Single(Run(trainer, options)).Health(), StringComparison.Ordinal);
    }

    private static List<EpochSummary> Run(MoCoTrainer trainer, MoCoOptions options)
    {
        List<EpochSummary> epochs = [];
        using TwoCropLoader loader = TrainerFixture.Loader(options, new TrainerFixture.NoiseImages(Images));
        trainer.Fit(loader, new FitTests.Told(report => { if (report.Summary is { } ended) epochs.Add(ended); }));
        return epochs;
    }

    /// <summary>Brings the two views together and does nothing else: 1 − cos(q, k), one encoder, gradient on both sides.</summary>
    private sealed class AlignmentOnly : ContrastiveMethod
    {
        private readonly Encoder encoder;

        public AlignmentOnly(Encoder encoder)
            : base(nameof(AlignmentOnly))
        {
            this.encoder = encoder;
            RegisterComponents();
        }

        public override Encoder QueryEncoder => encoder;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input)
        {
            Tensor q = nn.functional.normalize(encoder.call(input.Query), dim: 1);
            Tensor k = nn.functional.normalize(encoder.call(input.Key), dim: 1);
            input.Show(q, k);
            Tensor positive = (q * k).sum(1).mean(), none = zeros(1).squeeze();
            return new ContrastiveLoss(ones(1).squeeze() - positive, none, positive.detach(), none.clone(), none.clone());
        }
    }
}
