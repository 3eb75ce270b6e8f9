using System.Diagnostics;
using Microsoft.Extensions.Logging;
using MoCo.Contrast.Negatives;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>Trains until <see cref="MoCoOptions.Epochs"/> are done or, with <see cref="MoCoOptions.Duration"/>, until the time is
    /// spent, from where the trainer stands. Saves into <see cref="Checkpoints"/>, if set, as its policy says, at the end and when
    /// cancelled; to <see cref="CheckpointPath"/>, if set, after every epoch, at the end and when cancelled.</summary>
    /// <remarks>A run by time ends with the step in which the time runs out, mostly within an epoch, of which the last report has the
    /// numbers; its overrun is a step at most. What listeners and checkpoints take is part of the time.</remarks>
    /// <param name="loader">The batches, made with <see cref="MoCoOptions.Loader"/>.</param>
    /// <param name="progress">Told at every logging interval and at the end of every epoch and of the run, on this thread.</param>
    /// <param name="cancellationToken">Asks to finish the step, save and return; asked on one rank, all of them do so after the same
    /// step.</param>
    /// <exception cref="ArgumentException">The loader does not fit the options.</exception>
    /// <exception cref="NotSupportedException">The run is to be saved, and the method has a tensor that no checkpoint can hold.</exception>
    /// <exception cref="MoCo.Distributed.ProcessGroupException">Another rank has other data, or is no longer equal.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite; a checkpoint that was saved before stands.</exception>
    /// <exception cref="IOException">A checkpoint could not be written, and the policy does not say to go on, or it was the last one; the
    /// one before stands, and so does the trainer.</exception>
    public FitResult Fit(TwoCropLoader loader, IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(loader);
        RefuseOtherLoader(loader);
        RankAgreement.Check(
            group, loader, Checkpoints?.Policy, CheckpointPath is not null, LogEverySteps,
            $"step {StepCount}, epoch {Epoch}, batch {Batch}");
        RankState.Compare(group, Tensors(), "at the start");
        TellOfOwnKeys(loader);
        if (Checkpoints is not null || CheckpointPath is not null) RefuseWhatNoFileHolds();
        locate = loader.Source is IImageSource source ? source.Locate : null;
        FitRun run = new(this, loader, progress);
        FitSaving saving = new(this);
        bool cancelled = group.Max(cancellationToken.IsCancellationRequested ? 1 : 0) > 0;
        clock.Agree(group);
        if (!IsDone && !cancelled) Checkpoints?.Prepare(CopyInto);
        clock.Start();
        try
        {
            while (!IsDone && !cancelled)
            {
                double waitedBefore = loader.Statistics.SecondsWaited;
                epochClock.Start();
                cancelled = TrainEpoch(loader, run, saving, cancellationToken);
                double waited = loader.Statistics.SecondsWaited - waitedBefore;
                // What listeners do with the end of the time is not training.
                if (IsDone) clock.Stop();
                // First the copy, then whoever listens: a listener that takes its time must not put the epoch at risk.
                if (Batch < loader.BatchesPerEpoch)
                {
                    saving.Ended(early: true);
                    if (!cancelled || IsDone) run.EpochEnded(Summarize(waited), Batch);
                    return run.Result(cancelled && !IsDone);
                }
                // A cancel in an epoch's last step still finds the epoch done.
                EpochSummary summary = EndEpoch(waited);
                RefuseTooManyErrors(loader);
                saving.EpochEnded();
                run.EpochEnded(summary, loader.BatchesPerEpoch);
            }
            saving.Ended(early: cancelled || (Options.Duration is not null && run.Steps > 0));
            return run.Result(cancelled && !IsDone);
        }
        finally
        {
            clock.Stop();
        }
    }

    /// <summary>Trains to the end of the epoch, or of the time.</summary>
    /// <returns>Whether a cancel ended it.</returns>
    private bool TrainEpoch(TwoCropLoader loader, FitRun run, FitSaving saving, CancellationToken cancellationToken)
    {
        try
        {
            stopAgreed = false;
            // A rank that left between two steps would leave the others waiting: its wish goes along with the step.
            CancellationToken waiting = group.Size == 1 ? cancellationToken : CancellationToken.None;
            foreach (TwoCropBatch batch in loader.Epoch(Epoch, Batch, waiting))
            {
                stopWished = cancellationToken.IsCancellationRequested;
                using (batch)
                {
                    StepResult result = Step(batch);
                    if (!result.IsSkipped)
                    {
                        run.Account(batch, result);
                        saving.StepDone(loader.BatchesPerEpoch);
                    }
                }
                clock.Agree(group);
                if (group.Size == 1 ? cancellationToken.IsCancellationRequested : stopAgreed) return true;
                if (Options.Duration is not null && IsDone) return false;
            }
        }
        catch (OperationCanceledException) when (group.Size == 1 && cancellationToken.IsCancellationRequested)
        {
            // Cancelled while waiting for images: no step was under way.
            return true;
        }
        return false;
    }

    /// <summary>Tells of what a user of MoCo's own code stumbles over: with K as large as the data an image meets its own earlier
    /// key.</summary>
    private void TellOfOwnKeys(TwoCropLoader loader)
    {
        if (Method is Contrast.MomentumContrast { Queue.Length: int length, Exclusion: KeyExclusion.None }
            && length >= loader.Count * group.Size)
            logger.LogInformation("The queue of {Length} keys is not shorter than the {Count} images of {Source}, so an image meets itself "
                + "among its negatives; set Queue.LeaveOut to OwnImage, or a smaller Queue.Length.",
                length, loader.Count * group.Size, loader.Source.Name);
    }

    /// <summary>Each rank ends its passes by itself where its own images have more errors than all may have; together they may have too
    /// many before.</summary>
    private void RefuseTooManyErrors(TwoCropLoader loader)
    {
        if (group.Size == 1) return;
        (long total, long errors) = (group.Sum(loader.Count), group.Sum(loader.LastEpoch?.Errors ?? 0));
        if (errors > loader.Options.MostErrors(total))
            throw new LoaderException(
                loader.Source.Name, 0, (int)Math.Min(errors, int.MaxValue), total, loader.Options, loader.Source.Errors.First);
    }

    private void RefuseOtherLoader(TwoCropLoader loader)
    {
        (LoaderOptions theirs, string name, bool isMoCo) = (loader.Options, loader.Source.Name, Method is Contrast.MomentumContrast);
        if ((theirs.Rank, theirs.Ranks) != (group.Rank, group.Size))
        {
            throw Bad(
                $"The loader is that of rank {theirs.Rank} of {theirs.Ranks}; expected rank {group.Rank} of {group.Size} as the trainer "
                + "(make it with trainer.Options.Loader(trainer.Group)).");
        }
        if (theirs.BatchSize * group.Size != Options.BatchSize || theirs.Seed != Options.Seed || theirs.DropLast != Options.DropLastBatch)
        {
            throw Bad($"The loader has batch size {theirs.BatchSize}, seed {theirs.Seed}, DropLast {theirs.DropLast}; expected "
                + $"{Options.BatchSize / group.Size}, {Options.Seed}, {Options.DropLastBatch} as the trainer's options (make it with "
                + "trainer.Options.Loader()).");
        }
        if (isMoCo && loader.Source.Channels != Options.Encoder.InputChannels)
        {
            throw Bad($"{name} has {loader.Source.Channels} channels; expected {Options.Encoder.InputChannels} as Encoder.InputChannels "
                + "says.");
        }
        if (!theirs.Ordered)
        {
            throw Bad("The loader delivers batches as they are ready; expected them in order (LoaderOptions.Ordered), since a run is "
                + "resumed by the number of its batch.");
        }
        string? numbered = Method switch
        {
            Contrast.MomentumContrast { Exclusion: KeyExclusion.OwnImage } => "Queue.LeaveOut OwnImage knows keys by their images' numbers",
            Contrast.MemoryBankContrast => "a memory bank has a row for each number",
            _ => null,
        };
        if (numbered is not null && loader.Source is IImageStream)
        {
            throw Bad($"{name} is a stream, in which an image has another place in every epoch, and {numbered}; expected an "
                + "IImageSource, or MoCo's queue without LeaveOut.");
        }
        if (Method is Contrast.MemoryBankContrast { Bank.Samples: int rows } && rows < loader.Total)
            throw Bad($"{name} has {loader.Total} images; expected at most {rows}, the rows of the memory bank (MemoryBank.Samples).");
        if (isMoCo && theirs.BFloat16 && Options.Precision != Precision.BFloat16)
            throw Bad($"The loader makes bfloat16 views; expected float32 for an encoder of Precision {Options.Precision}.");
        Options.CheckBatches(loader);
        RefuseSmallViews(loader.Views.SmallViews, nameof(loader));

        static ArgumentException Bad(string why) => new(why, nameof(loader));
    }

    /// <summary>One call of Fit: counts and reports.</summary>
    private sealed class FitRun(MoCoTrainer trainer, TwoCropLoader loader, IProgress<TrainingProgress>? progress)
    {
        private readonly long started = Stopwatch.GetTimestamp();
        private long images;
        private double rate;

        /// <summary>Steps that were made.</summary>
        public long Steps { get; private set; }

        public void Account(TwoCropBatch batch, StepResult result)
        {
            Steps++;
            images += batch.Size * trainer.group.Size;
            rate = result.LearningRate;
            if (trainer.StepCount % trainer.LogEverySteps == 0) Report(trainer.Epoch, trainer.Batch, trainer.intervalMean.Mean, null);
        }

        /// <summary>An epoch has ended, or the time has within it.</summary>
        public void EpochEnded(EpochSummary summary, int batch) => Report(summary.Epoch, batch, summary.Mean, summary);

        public FitResult Result(bool cancelled) => new(cancelled, Steps, images, Stopwatch.GetElapsedTime(started));

        private void Report(int epoch, int batch, MeasuredStep mean, EpochSummary? summary)
        {
            if (progress is null) return;
            double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            int? epochs = trainer.Options.Duration is null ? trainer.Options.Epochs : null;
            long stepsInAll = (long)trainer.Options.Epochs * loader.BatchesPerEpoch,
                stepsDone = (long)epoch * loader.BatchesPerEpoch + batch;
            TimeSpan left = trainer.clock.Left ?? TimeSpan.FromSeconds(seconds / Math.Max(Steps, 1) * (stepsInAll - stepsDone));
            double done = epochs is null ? trainer.clock.Share : (double)stepsDone / stepsInAll;
            (double InQueue, int Nearest, double InNearest)? falseNegatives = trainer.falseNegatives;
            trainer.falseNegatives = null;
            progress.Report(new TrainingProgress(epoch, epochs, batch, loader.BatchesPerEpoch, trainer.StepCount, done, mean.Loss,
                mean.ContrastAccuracy, trainer.Method.ChanceLoss, rate, images / Math.Max(seconds, 1e-9), left, summary)
            {
                GradientNorm = mean.GradientNorm,
                ProbeAccuracy = mean.ProbeAccuracy,
                SkippedSteps = trainer.SkippedSteps,
                FalseNegatives = falseNegatives,
                Embeddings = trainer.TakeUntold(),
            });
        }
    }
}
