using System.Text.Json;
using System.Text.Json.Nodes;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Optimization;
using MoCo.Training;

namespace MoCo.Tests.Training.Checkpoints;

public sealed class StoredOptionsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_option_and_both_schedules_come_back_from_the_checkpoints_JSON()
    {
        LearningRateSchedule[] schedules =
            [new StepSchedule { Milestones = [3, 5, 8], Decay = 0.3, WarmupEpochs = 1.5, PerStep = true },
            new CosineSchedule { WarmupEpochs = 0.1, PerStep = true }];
        foreach (LearningRateSchedule schedule in schedules)
        {
            MoCoOptions options = new()
            {
                Encoder = new()
                {
                    Backbone = Backbone.ResNet18,
                    Stem = Stem.SmallImage,
                    InputChannels = 1,
                    Width = 0.0625,
                    Head = HeadKind.Mlp,
                    EmbeddingDimension = 9,
                    HiddenDimension = 33,
                    BatchNormSplits = 3
                },
                Queue = new() { Length = 77, TrackSlots = true, LeaveOut = KeyExclusion.OwnImage },
                KeyEncoder = new()
                {
                    Momentum = 1 / 3.0,
                    FinalMomentum = 2 / 3.0,
                    ShuffleBatch = false,
                    Sharing = KeyEncoderSharing.Partial,
                    SharedStages = 2,
                },
                Loss = new()
                {
                    Temperature = 0.123456789012345,
                    Symmetric = SymmetricLoss.Sum,
                    BlockLogits = 5555,
                    Mixing = new() { Hardest = 7, Pairs = 3, WithQuery = 2, FromEpoch = 1 },
                },
                MemoryBank = new() { Samples = 99, Negatives = 5, Momentum = 0.25, Loss = MemoryBankLoss.Nce },
                Clustering = new() { Clusters = 4, Temperature = 0.75 },
                Precision = Precision.BFloat16,
                BatchSize = 10,
                GradientCheckpointing = true,
                DropLastBatch = true,
                Epochs = 17,
                Duration = TimeSpan.FromSeconds(12345.678),
                Optimizer = new()
                {
                    LearningRate = 0.1,
                    ScaleLearningRate = true,
                    Momentum = 0.7,
                    SecondMomentum = 0.8,
                    Epsilon = 1e-5,
                    TrustCoefficient = 0.002,
                    FinalWeightDecay = 1e-6,
                    ClipNorm = 1.25,
                    Nesterov = true,
                    WeightDecay = 1e-7,
                    DecayAll = false
                },
                Schedule = schedule,
                OnNonFinite = NonFiniteLoss.Skip,
                MostSkippedSteps = 2,
                Probe = new() { Classes = 4, LearningRate = 0.2, Momentum = 0.6, WeightDecay = 1e-8, FeatureDimension = 32 },
                Seed = -5,
            };
            MoCoOptions defaults = new();
            JsonObject expected = Json(options), untouched = Json(defaults);
            Assert.Equal(typeof(MoCoOptions).GetProperties()
                .Count(p => !p.GetMethod!.IsStatic && p.Name != nameof(MoCoOptions.FullLearningRate)), expected.Count);
            Assert.Equal("ResNet18", (string?)expected["Encoder"]!["Backbone"]);
            AllDiffer(untouched, expected);

            string path = folder.File("run.ckpt");
            using (MoCoTrainer saved = new(options)) saved.Save(path);
            using MoCoTrainer resumed = MoCoTrainer.Resume(path);
            Assert.Equal(expected.ToJsonString(), Json(resumed.Options).ToJsonString());
            for (double epoch = 0; epoch < 17; epoch += 0.25)
                Assert.Equal(schedule.At(1, (int)epoch, epoch % 1, 17), resumed.Options.Schedule.At(1, (int)epoch, epoch % 1, 17));
        }
    }

    /// <summary>A property that the test forgot would be equal to its default.</summary>
    private static void AllDiffer(JsonObject defaults, JsonObject values) => Assert.All(values, property =>
    {
        // Another method would have no use for most of the others, another optimizer none for Nesterov, parts of a batch none for mixing.
        if (property.Key is nameof(MoCoOptions.Method) or nameof(OptimizationOptions.Kind) or nameof(MoCoOptions.MicroBatches)) return;
        if (defaults[property.Key] is JsonObject group && property.Key != "Schedule") AllDiffer(group, property.Value!.AsObject());
        else Assert.NotEqual(defaults[property.Key]?.ToJsonString(), property.Value?.ToJsonString());
    });

    private static JsonObject Json(MoCoOptions options) => JsonSerializer.SerializeToNode(options)!.AsObject();
}
