using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Evaluation.Neighbours;
using MoCo.Loading;
using MoCo.Tensors.Safetensors;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>A probe and kNN beside a run, and that the run does not notice.</summary>
public sealed class OnlineProbeRunTests
{
    private static readonly MoCoOptions Plain = TrainerFixture.Options with { Epochs = 2 },
        Probed = Plain with { Probe = new() { Classes = 3 } };

    /// <summary>Every way in which a step calls its encoders.</summary>
    public static TheoryData<string> Ways => [.. All.Keys];

    private static Dictionary<string, MoCoOptions> All { get; } = new()
    {
        ["plain"] = Probed,
        ["symmetric"] = Probed with { Loss = Probed.Loss with { Symmetric = SymmetricLoss.Mean } },
        ["in parts"] = Probed with { MicroBatches = 2 },
        ["symmetric, in parts"] = Probed with { MicroBatches = 2, Loss = Probed.Loss with { Symmetric = SymmetricLoss.Sum } },
        ["one encoder"] = Probed with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared } },
        ["one encoder, keys in order"] = Probed with
        {
            KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared, ShuffleBatch = false },
            Loss = Probed.Loss with { Symmetric = SymmetricLoss.Sum },
        },
        ["v3"] = Probed with
        {
            Method = MethodKind.MoCoV3,
            Encoder = Probed.Encoder with { Head = HeadKind.BatchNormMlp, HiddenDimension = 32 },
        },
        ["end to end"] = Probed with { Method = MethodKind.EndToEnd },
        ["SimCLR"] = Probed with { Method = MethodKind.SimClr },
        ["memory bank"] = Probed with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = 58, Negatives = 16 } },
        ["clustering"] = Probed with { Method = MethodKind.ContrastiveClustering },
    };

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void A_run_with_a_probe_and_with_kNN_is_bit_for_bit_the_one_without(bool probe, bool knn)
    {
        (SortedDictionary<string, string> State, double[] Losses) expected = Fit(Plain, knn: false),
            found = Fit(probe ? Probed : Plain, knn);
        Assert.Equal(expected.Losses, found.Losses);
        Snapshot.Same(expected.State, found.State);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void It_learns_from_the_query_views_features_however_a_method_calls_its_encoders(string way)
    {
        MoCoOptions options = All[way];
        using DisposeScope scope = NewDisposeScope();
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options), same = ResumeTests.Start(options), without = ResumeTests.Start(
            options with { Probe = null });
        using TwoCropBatch batch = loader.Epoch(0).First();
        using OnlineProbe reference = new(options.Probe!, options.Encoder.FeatureDimension, CPU);
        bool both = options.Method == MethodKind.SimClr;
        Tensor views = both ? cat([batch.Query, batch.Key], 0) : batch.Query;
        reference.Begin(same.QueryEncoder, new StepInput(batch.Query, batch.Key, 0) { Labels = batch.Labels });
        if (both) reference.Expect(views, batch.Labels);
        // A trainer that computes in parts has an encoder of a part's groups.
        foreach (long[] rows in Parts(batch.Size, options.MicroBatches))
        {
            Tensor part = options.MicroBatches == 1 ? views : ChannelsLast.SelectSamples(views, rows);
            if (options.MicroBatches > 1) reference.Expect(part, rows.Select(row => batch.Labels.Span[(int)row]).ToArray());
            same.QueryEncoder.features(part);
        }
        StepResult step = trainer.Step(batch), other = without.Step(batch);
        double told = reference.Learn(step.LearningRate / options.FullLearningRate, ProcessGroup.Single).item<float>();

        Assert.Equal(told, step.Measured.ProbeAccuracy!.Value, 1e-6);
        Assert.Null(other.Measured.ProbeAccuracy);
        Assert.Equal(other.Loss, step.Loss);
        Dictionary<string, Tensor> expected = reference.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        foreach ((string name, Tensor tensor) in trainer.Probe!.State) Fixture.Near(expected[name], tensor, 1e-4, $"{way}: {name}");
        Assert.True(expected["bias"].abs().max().item<float>() > 0, "it has not learned");
    }

    [Fact]
    public void A_resumed_run_goes_on_with_its_probe_bit_for_bit()
    {
        using TemporaryFolder folder = new();
        using TwoCropLoader loader = TrainerFixture.Loader(Probed);
        using MoCoTrainer whole = ResumeTests.Start(Probed), first = ResumeTests.Start(Probed);
        double?[] accuracies = Accuracies(whole, loader);
        Assert.Equal(10, accuracies.Length);
        Accuracies(first, loader, 4);
        first.Save(folder.File("run.ckpt"));
        using MoCoTrainer second = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.Equal(accuracies[4..], Accuracies(second, loader));
        Assert.Equal(ProbeOf(whole), ProbeOf(second));
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(second));
    }

    [Fact]
    public void A_run_can_go_on_without_its_probe_and_with_one_that_begins_anew()
    {
        using TemporaryFolder folder = new();
        using TwoCropLoader loader = TrainerFixture.Loader(Probed);
        using MoCoTrainer probed = ResumeTests.Start(Probed), plain = ResumeTests.Start(Plain), begun = ResumeTests.Start(Probed);
        Accuracies(probed, loader, 3);
        probed.Save(folder.File("probed.ckpt"));
        plain.Load(folder.File("probed.ckpt"));
        Assert.Null(plain.Probe);
        plain.Save(folder.File("plain.ckpt"));
        probed.Load(folder.File("plain.ckpt"));
        Assert.Equal(ProbeOf(begun), ProbeOf(probed));
        Snapshot.Same(Snapshot.Of(plain), Snapshot.Of(probed));
        Accuracies(probed, loader, 1);
        Assert.NotEqual(ProbeOf(begun), ProbeOf(probed));
    }

    [Fact]
    public void A_step_that_is_left_out_or_fails_does_not_teach_it()
    {
        using MoCoTrainer trainer = ResumeTests.Start(Probed with { OnNonFinite = NonFiniteLoss.Skip });
        using DisposeScope scope = NewDisposeScope();
        using TwoCropBatch good = Batch(1, 2), bad = Batch(float.NaN, 2), foreign = Batch(1, 5);
        trainer.Step(good);
        SortedDictionary<string, string> before = ProbeOf(trainer);
        Assert.True(trainer.Step(bad).IsSkipped);
        Assert.Equal(before, ProbeOf(trainer));
        Assert.StartsWith("A label is 5; expected 0 to 2, the classes of the online probe",
            Assert.Throws<ArgumentException>(() => trainer.Step(foreign)).Message);
        Assert.Equal(before, ProbeOf(trainer));
        trainer.Step(good);
        Assert.NotEqual(before, ProbeOf(trainer));

        static TwoCropBatch Batch(float value, int label) => new(
            rand(12, 1, 16, 16).Times((double)value), rand(12, 1, 16, 16), new int[12], 0, 0)
        {
            Labels = Enumerable.Repeat(label, 12).ToArray(),
        };
    }

    [Fact]
    public void Means_over_intervals_and_epochs_are_reported()
    {
        List<TrainingProgress> reports = [];
        using TwoCropLoader loader = TrainerFixture.Loader(Probed);
        using MoCoTrainer trainer = ResumeTests.Start(Probed, logEverySteps: 1), same = ResumeTests.Start(Probed);
        trainer.Fit(loader, new FitTests.Told(reports.Add));
        double?[] expected = Accuracies(same, loader);
        Assert.Equal(expected, reports.Where(report => report.Summary is null).Select(report => report.ProbeAccuracy));
        double?[] ofEpochs = [.. reports.Where(report => report.Summary is not null).Select(report => report.ProbeAccuracy)];
        Assert.Equal(expected[..5].Average()!.Value, ofEpochs[0]!.Value, 1e-12);
        Assert.Equal(expected[5..].Average()!.Value, ofEpochs[1]!.Value, 1e-12);
    }

    [Fact]
    public void Ranks_learn_what_one_process_does_from_the_images_of_all()
    {
        using DisposeScope scope = NewDisposeScope();
        TrainerFixture.NoiseImages source = new(48);
        (double?[] Accuracies, float[] Weights) alone = Train(ProcessGroup.Single);
        (double?[] Accuracies, float[] Weights)[] ranks = ThreadGroup.Run(2, Train);
        Assert.Equal(ranks[0].Weights, ranks[1].Weights);
        Assert.Equal(alone.Accuracies, ranks[0].Accuracies);
        Assert.Equal(alone.Accuracies, ranks[1].Accuracies);
        Assert.All(alone.Weights.Zip(ranks[0].Weights), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));

        (double?[], float[]) Train(ProcessGroup group)
        {
            using MoCoTrainer trainer = new(Probed, group: group);
            using TwoCropLoader loader = new(source, AugmentationRecipe.Grey(16), Probed.Loader(group) with { Workers = 1 });
            double?[] accuracies = Accuracies(trainer, loader, 4);
            return (accuracies, trainer.Probe!.State.First(entry => entry.Name == "weight").Tensor.data<float>().ToArray());
        }
    }

    private static IEnumerable<long[]> Parts(int batch, int parts) => Enumerable.Range(0, parts)
        .Select(part => Enumerable.Range(0, batch).Where(row => row % parts == part).Select(row => (long)row).ToArray());

    private static (SortedDictionary<string, string> State, double[] Losses) Fit(MoCoOptions options, bool knn)
    {
        List<double> losses = [];
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = ResumeTests.Start(options, logEverySteps: 1);
        trainer.Fit(loader, new FitTests.Told(report =>
        {
            losses.Add(report.Loss);
            if (report.Step % 3 > 0) return;
            TrainerFixture.NoiseImages source = new(24);
            if (!knn && trainer.Probe is null) return;
            using FeatureSet features = FeatureSet.Extract(trainer.QueryEncoder.Backbone, source, AugmentationRecipe.Evaluation(16), 8);
            if (knn) KnnClassifier.Evaluate(features, features, 5);
            trainer.Probe?.Test(features);
        }));
        return (Snapshot.Of(trainer), [.. losses]);
    }

    private static double?[] Accuracies(MoCoTrainer trainer, TwoCropLoader loader, int steps = int.MaxValue)
    {
        List<double?> accuracies = [];
        while (!trainer.IsDone)
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
            {
                if (accuracies.Count == steps)
                {
                    batch.Dispose();
                    return [.. accuracies];
                }
                using (batch) accuracies.Add(trainer.Step(batch).Measured.ProbeAccuracy);
            }
            trainer.EndEpoch();
        }
        return [.. accuracies];
    }

    /// <summary>The probe's tensors as a checkpoint has them.</summary>
    private static SortedDictionary<string, string> ProbeOf(MoCoTrainer trainer)
    {
        using DisposeScope scope = NewDisposeScope();
        using TemporaryFolder folder = new();
        trainer.Save(folder.File("run"));
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("run"));
        return new SortedDictionary<string, string>(file.Tensors.Where(entry => entry.Key.StartsWith("probe.", StringComparison.Ordinal))
            .ToDictionary(entry => entry.Key, entry => Convert.ToHexString(entry.Value.Read().AllBytes())), StringComparer.Ordinal);
    }
}
