using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MoCo.Loading;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Training.Checkpoints;

/// <summary>Checkpoints on a disk of a few megabytes, made for the test where the system allows it.</summary>
public sealed class FullDiskTests : IDisposable
{
    // A checkpoint of about 0.6 MB: the old one and the new one fit on the disk together, until something else fills it.
    private static readonly MoCoOptions Short =
        TrainerFixture.Options with { Encoder = TrainerFixture.Options.Encoder with { Width = 0.0625 }, Epochs = 4 };
    private const int DiskMegabytes = 3;

    private readonly SmallDisk disk = new(DiskMegabytes << 10);

    public void Dispose() => disk.Dispose();

    [Fact]
    public void A_full_disk_stops_training_with_an_error_that_says_so_and_the_old_checkpoint_stands()
    {
        using CheckpointFolder checkpoints = Begin(goOn: false);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        using MoCoTrainer trainer = ResumeTests.Start(Short, logEverySteps: 1);
        trainer.Checkpoints = checkpoints;
        string error = Assert.Throws<IOException>(() => trainer.Fit(loader, new FitTests.Told(report => { if (report.Step == 7) Fill(); })))
            .Message;
        Assert.StartsWith(
            $"The checkpoint of step 10 could not be written to {disk.Path}, the checkpoint before stands: No space left on device",
            error, StringComparison.Ordinal);
        using MoCoTrainer standing = MoCoTrainer.Resume(checkpoints.Last);
        Assert.Equal((5L, 1), (standing.StepCount, standing.Epoch));
        Assert.Empty(Directory.GetFiles(disk.Path, "*.tmp"));
    }

    [Fact]
    public void Told_to_go_on_training_does_and_saves_again_when_there_is_space()
    {
        using CheckpointFolder checkpoints = Begin(goOn: true);
        using TwoCropLoader loader = TrainerFixture.Loader(Short);
        Errors log = new();
        using MoCoTrainer trainer = new(Short, logger: log) { LogEverySteps = 1 };
        trainer.Checkpoints = checkpoints;
        trainer.Fit(loader, new FitTests.Told(report =>
        {
            if (report.Step == 7) Fill();
            if (report.Step != 14) return;
            // Step 10's has met the full disk, if it has not been told of already.
            Assert.True(SpinWait.SpinUntil(() => checkpoints.HasError || log.Lines.Count > 0, TimeSpan.FromMinutes(1)));
            disk.MakeRoom();
        }));
        Assert.Contains("No space left on device", Assert.Single(log.Lines), StringComparison.Ordinal);
        using MoCoTrainer done = MoCoTrainer.Resume(checkpoints.Last);
        Assert.Equal((20L, 4), (done.StepCount, done.Epoch));
    }

    [Fact]
    public void A_disk_that_can_only_be_read_is_refused_before_training()
    {
        disk.MakeReadOnly();
        Assert.Contains("Read-only file system", Assert.ThrowsAny<IOException>(() => new CheckpointFolder(disk.File("run")))
            .Message, StringComparison.Ordinal);
    }

    private CheckpointFolder Begin(bool goOn) => new(disk.Path, new CheckpointPolicy { GoOnAfterError = goOn });

    private void Fill()
    {
        // The first epoch's checkpoint is written while training goes on: it must be whole before.
        Assert.True(
            SpinWait.SpinUntil(() => File.Exists(disk.File("last.ckpt"))
            && Directory.GetFiles(disk.Path, "*.tmp").Length == 0, TimeSpan.FromMinutes(1)));
        disk.Fill();
    }

    private sealed class Errors : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => NullLogger.Instance.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState,
            Exception?, string> formatter)
        {
            if (IsEnabled(logLevel)) Lines.Add(formatter(state, exception));
        }
    }
}
