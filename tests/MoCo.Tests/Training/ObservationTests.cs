using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Contrast.Negatives;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using MoCo.Loading;
using MoCo.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

public sealed class ObservationTests
{
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Fact]
    public void Evaluating_in_the_middle_of_training_changes_nothing()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short), undisturbed = ResumeTests.Start(Short);
        ResumeTests.Run(trainer, loader, 7);
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        nn.Module frozen = trainer.QueryEncoder.named_modules().First(named => named.name.EndsWith("bn1", StringComparison.Ordinal)).module;
        frozen.eval();
        bool[] modes = Modes(trainer);
        Assert.Contains(false, modes);

        IImageSource images = new TrainerFixture.NoiseImages(30);
        using FeatureSet features =
            FeatureSet.Extract(trainer.QueryEncoder.Backbone, images, AugmentationRecipe.Evaluation(16), batchSize: 7);
        using FeatureSet embeddings = FeatureSet.Extract(trainer.QueryEncoder, images, loader.Recipe, batchSize: 30);
        Assert.Equal(30, KnnClassifier.Evaluate(features, features, 3).Total);
        Assert.Equal(16, embeddings.Dimension);

        Snapshot.Same(before, Snapshot.Of(trainer));
        Assert.Equal(modes, Modes(trainer));
        Assert.True(is_grad_enabled());
        frozen.train();
        ResumeTests.Run(undisturbed, loader, 7);
        Assert.Equal(ResumeTests.Run(undisturbed, loader), ResumeTests.Run(trainer, loader));
        Snapshot.Same(Snapshot.Of(undisturbed), Snapshot.Of(trainer));
    }

    [Fact]
    public void Training_is_published_as_the_meter_MoCo()
    {
        Dictionary<string, List<double>> measured = new();
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self)
            =>
            { if (instrument.Meter.Name == "MoCo") self.EnableMeasurementEvents(instrument); }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Note(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note(instrument, value));
        listener.Start();

        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        trainer.Fit(loader);

        Assert.Equal(
            ["moco.alignment", "moco.contrast_accuracy", "moco.effective_rank", "moco.embedding_spread", "moco.feature_rank",
            "moco.gradient_norm", "moco.images", "moco.learning_rate", "moco.least_deviation", "moco.loss", "moco.step.duration",
            "moco.steps", "moco.uniformity", "moco.wait_share"],
            measured.Keys.Where(name => !name.StartsWith("moco.loader.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(10, measured["moco.steps"].Sum());
        Assert.Equal(116, measured["moco.images"].Sum());
        Assert.Equal(10, measured["moco.step.duration"].Count);
        Assert.All(measured["moco.step.duration"], seconds => Assert.InRange(seconds, 1e-6, 60));
        Assert.Equal(10, measured["moco.learning_rate"].Count);
        // every second step, and the odd one at the first epoch's end
        foreach (string name in new[] { "moco.loss", "moco.contrast_accuracy", "moco.embedding_spread" })
            Assert.Equal(6, measured[name].Count);
        // at each epoch's end
        foreach (string name in new[] { "least_deviation", "effective_rank", "feature_rank", "alignment", "uniformity", "wait_share" })
            Assert.Equal(2, measured["moco." + name].Count);
        Assert.All(measured["moco.effective_rank"].Concat(measured["moco.feature_rank"]), share => Assert.InRange(share, 1.0 / 16, 1));
        Assert.All(measured["moco.wait_share"], share => Assert.InRange(share, 0, 1));

        void Note(Instrument instrument, double value)
        {
            if (!measured.TryGetValue(instrument.Name, out List<double>? values)) measured.Add(instrument.Name, values = []);
            values.Add(value);
        }
    }

    [Fact]
    public void The_logger_gets_a_line_of_health_for_every_epoch_and_a_detail_for_every_interval()
    {
        Lines logger = new();
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = new(Short, logger: logger) { LogEverySteps = 2 };
        trainer.Fit(loader);
        // The first line is of the queue, which is as long as the data.
        string[] health = [.. logger.Of(LogLevel.Information).Skip(1)];
        Assert.Equal(2, health.Length);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            Assert.StartsWith($"epoch {epoch + 1}: loss ", health[epoch], StringComparison.Ordinal);
            Assert.Contains("(chance 4.17)", health[epoch], StringComparison.Ordinal);
            Assert.Contains("of the time waiting for data", health[epoch], StringComparison.Ordinal);
        }
        Assert.Equal(["step 2", "step 4", "step 5", "step 6", "step 8", "step 10"], logger.Of(LogLevel.Debug)
            .Select(line => line.Split(':')[0]));
    }

    [Fact]
    public void False_negatives_are_reported_once_an_interval_and_published_where_labels_are_kept()
    {
        List<(string Name, double Value)> published = [];
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "MoCo") self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => published.Add((instrument.Name, value)));
        listener.Start();
        MoCoOptions options = Short with { Queue = new() { Length = 24, TrackSlots = true } };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = new(options) { LogEverySteps = 2 };
        Reports reports = new();
        trainer.Fit(loader, reports);
        // Five steps an epoch: looks after 2, 4, 5, 6, 8 and 10, where the interval's and the epoch's end are one.
        TrainingProgress[] told = [.. reports.All.Where(report => report.FalseNegatives is not null)];
        Assert.Equal([2, 4, 5, 6, 8, 10], told.Select(report => report.Step));
        // The fixture's images are of three classes in turn.
        Assert.All(told, report => Assert.InRange(report.FalseNegatives!.Value.InQueue, 0.2, 0.5));
        Assert.All(told[2..], report => Assert.Equal(24, report.FalseNegatives!.Value.Nearest));
        Assert.All(told[2..], report => Assert.Equal(report.FalseNegatives!.Value.InQueue, report.FalseNegatives!.Value.InNearest, 1e-6));
        Assert.Equal(told.Select(report => report.FalseNegatives!.Value.InQueue),
            published.Where(entry => entry.Name == "moco.false_negatives").Select(entry => entry.Value));
        Assert.Equal(6, published.Count(entry => entry.Name == "moco.false_negatives.nearest"));
    }

    [Fact]
    public void A_queue_that_is_not_shorter_than_the_data_is_told_of_unless_own_keys_are_left_out()
    {
        foreach ((QueueOptions queue, int count) in (ReadOnlySpan<(QueueOptions, int)>)
            [(new() { Length = 64 }, 1), (new() { Length = 64, LeaveOut = KeyExclusion.OwnImage }, 0), (new() { Length = 48 }, 0)])
        {
            Lines logger = new();
            MoCoOptions options = Short with { Queue = queue, Epochs = 1 };
            using TwoCropLoader loader = TrainerFixture.Loader(options);
            using MoCoTrainer trainer = new(options, logger: logger);
            trainer.Fit(loader);
            string[] lines = [.. logger.Of(LogLevel.Information).Where(line => line.StartsWith("The queue", StringComparison.Ordinal))];
            Assert.Equal(count, lines.Length);
            Assert.All(lines, line => Assert.Equal("The queue of 64 keys is not shorter than the 58 images of noise, so an image meets "
                + "itself among its negatives; set Queue.LeaveOut to OwnImage, or a smaller Queue.Length.", line));
        }
    }

    [Fact]
    public void An_epochs_summary_holds_the_means_over_its_steps()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        double[] losses = ResumeTests.Run(trainer, loader, 5);
        Assert.Equal(losses.Average(), trainer.EndEpoch().Mean.Loss, 1e-9);
    }

    private static bool[] Modes(MoCoTrainer trainer) => [.. trainer.Method.named_modules().Select(named => named.module.training)];

    private sealed class Reports : IProgress<TrainingProgress>
    {
        public List<TrainingProgress> All { get; } = [];

        public void Report(TrainingProgress value) => All.Add(value);
    }

    private sealed class Lines : ILogger
    {
        private readonly List<(LogLevel Level, string Text)> lines = [];

        public IEnumerable<string> Of(LogLevel level) => lines.Where(line => line.Level == level).Select(line => line.Text);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState,
            Exception?, string> formatter)
            => lines.Add((logLevel, formatter(state, exception)));
    }
}
