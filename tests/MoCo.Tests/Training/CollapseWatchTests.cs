using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>When embeddings are measured, which ones, and that a run does not notice.</summary>
public sealed class CollapseWatchTests
{
    // 58 images in batches of 12: five steps an epoch, the last of 10.
    private static readonly MoCoOptions Short = TrainerFixture.Options with { Epochs = 2 };

    [Theory]
    [InlineData(100, new long[] { 5, 10 }, new[] { 58, 58 })]
    [InlineData(2, new long[] { 2, 4, 5, 7, 9, 10 }, new[] { 24, 24, 10, 24, 24, 10 })]
    [InlineData(1, new long[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, new[] { 12, 12, 12, 12, 10, 12, 12, 12, 12, 10 })]
    [InlineData(0, new long[0], new int[0])]
    public void Embeddings_are_measured_every_so_many_steps_and_at_an_epochs_end(int every, long[] steps, int[] counts)
    {
        List<TrainingProgress> reports = [];
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = new(Short) { LogEverySteps = 1, CollapseEverySteps = every };
        trainer.Fit(loader, new FitTests.Told(reports.Add));
        TrainingProgress[] measured = [.. reports.Where(report => report.Embeddings is not null)];
        Assert.Equal(steps, measured.Select(report => report.Step));
        Assert.Equal(counts, measured.Select(report => report.Embeddings!.Count));
        EpochSummary[] summaries = [.. reports.Select(report => report.Summary).OfType<EpochSummary>()];
        Assert.All(summaries, summary => Assert.Equal(every > 0, summary.Embeddings is not null));
        Assert.Equal(summaries[^1].Embeddings, trainer.Embeddings);
    }

    [Fact]
    public void Without_a_known_epoch_steps_are_counted_in_all()
    {
        using MoCoTrainer trainer = new(Short) { CollapseEverySteps = 3 };
        using TwoCropBatch batch = new(rand(12, 1, 16, 16), rand(12, 1, 16, 16), new int[12], 0, 0);
        List<int?> counts = [];
        for (int step = 0; step < 7; step++)
        {
            trainer.Step(batch);
            counts.Add(trainer.Embeddings?.Count);
        }
        Assert.Equal([null, null, 36, 36, 36, 36, 36], counts);
    }

    [Theory]
    [InlineData(40, 280)] // seven batches
    [InlineData(100, 512)] // the latest 512 of 700
    [InlineData(600, 512)] // of one batch
    public void The_latest_rows_up_to_512_are_measured(int batch, int count)
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(4, CPU);
        Shown method = new([.. Enumerable.Range(0, 7).Select(_ => Unit(batch)).Select(q => (q, Unit(batch)))]);
        using MoCoTrainer trainer = new(method, Short) { CollapseEverySteps = 7 };
        using TwoCropBatch views = new(rand(batch, 1, 4, 4), rand(batch, 1, 4, 4), new int[batch], 0, 0);
        for (int step = 0; step < 7; step++) trainer.Step(views);

        Tensor Latest(Func<(Tensor Q, Tensor K), Tensor> of) =>
            cat([.. method.Pairs.Select(pair => of(pair).narrow(0, 0, Math.Min(batch, 512)))], 0)[^count..];
        MeasuredEmbeddings expected = MeasuredEmbeddings.Of(Latest(pair => pair.Q), Latest(pair => pair.K), null)!,
            found = trainer.Embeddings!;
        Assert.Equal(count, found.Count);
        Assert.Equal(expected.Alignment, found.Alignment, 1e-6);
        Assert.Equal(expected.Uniformity, found.Uniformity, 1e-6);
        Assert.Equal(expected.Rank.Value, found.Rank.Value, 1e-4);

        Tensor Unit(int rows) => nn.functional.normalize(randn(rows, 8, generator: generator), dim: 1);
    }

    [Fact]
    public void A_step_that_failed_leaves_nothing_to_measure()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor alike = nn.functional.normalize(ones(4, 8), dim: 1), other = nn.functional.normalize(rand(4, 8), dim: 1);
        Shown method = new([(other, other), (alike, alike), (alike, alike)]) { FailsAt = 0 };
        using MoCoTrainer trainer = new(method, Short) { CollapseEverySteps = 2 };
        using TwoCropBatch views = new(rand(4, 1, 4, 4), rand(4, 1, 4, 4), new int[4], 0, 0);
        Assert.Throws<InvalidOperationException>(() => trainer.Step(views));
        for (int step = 0; step < 2; step++) trainer.Step(views);
        Assert.Equal((8, 0.0), (trainer.Embeddings!.Count, trainer.Embeddings.Deviation));
    }

    [Fact]
    public void A_run_that_is_measured_is_the_same_run_bit_for_bit()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer watched = ResumeTests.Start(Short), unwatched = ResumeTests.Start(Short);
        (watched.CollapseEverySteps, unwatched.CollapseEverySteps) = (1, 0);
        Assert.Equal(ResumeTests.Run(unwatched, loader), ResumeTests.Run(watched, loader));
        Assert.NotNull(watched.Embeddings);
        Snapshot.Same(Snapshot.Of(unwatched), Snapshot.Of(watched));
    }

    [Fact]
    public void A_checkpoint_begins_what_is_measured_anew()
    {
        using TemporaryFolder folder = new();
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short);
        ResumeTests.Run(trainer, loader, 3);
        trainer.Save(folder.File("run.ckpt"));
        ResumeTests.Run(trainer, loader, 5);
        Assert.Equal(58, trainer.Embeddings!.Count);
        trainer.Load(folder.File("run.ckpt"));
        Assert.Null(trainer.Embeddings);
        ResumeTests.Run(trainer, loader, 5);
        Assert.Equal(22, trainer.Embeddings!.Count);
    }

    [Fact]
    public void A_memory_bank_shows_nothing_while_its_rows_are_random()
    {
        MoCoOptions options = Short with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = 58, Negatives = 20 } };
        List<EpochSummary> epochs = [];
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = new(options);
        trainer.Fit(loader, new FitTests.Told(report => { if (report.Summary is { } ended) epochs.Add(ended); }));
        Assert.Equal([(false, false), (false, true)], epochs.Select(epoch => (epoch.HasSettled, epoch.Embeddings is not null)));
    }

    /// <summary>Shows what it was given and learns nothing.</summary>
    private sealed class Shown : ContrastiveMethod
    {
        private readonly Encoder encoder = new(nn.Identity(), nn.Sequential(nn.Flatten(), nn.Linear(16, 2)));
        private int next;

        public Shown((Tensor Q, Tensor K)[] pairs)
            : base(nameof(Shown))
        {
            Pairs = pairs;
            RegisterComponents();
        }

        public (Tensor Q, Tensor K)[] Pairs { get; }

        public int FailsAt { get; set; } = -1;

        public override Encoder QueryEncoder => encoder;

        public override double ChanceLoss => 1;

        public override ContrastiveLoss Forward(StepInput input)
        {
            (Tensor q, Tensor k) = Pairs[next++];
            input.Show(q, k);
            if (next - 1 == FailsAt) throw new InvalidOperationException("as told");
            Tensor loss = encoder.call(input.Query).sum();
            return new ContrastiveLoss(loss, zeros(1).squeeze(), zeros(1).squeeze(), zeros(1).squeeze(), zeros(1).squeeze());
        }
    }
}
