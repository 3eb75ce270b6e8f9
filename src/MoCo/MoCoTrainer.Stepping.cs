using System.Diagnostics;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>One training step: forward, backward, optimizer, queue.</summary>
    /// <remarks>A step that throws on the way to the optimizer (out of memory, an exception of a hook, a batch that does not fit) has not
    /// been: key encoder, BatchNorm's statistics, gradients and torch's random numbers on the CPU are put back, so that trying it again,
    /// or going on after <see cref="Load"/>, gives bit for bit what it would have given. What a method of the caller's keeps outside its
    /// parameters and buffers is its own. Where the weights have moved and the method then refuses its part, the trainer can neither step
    /// nor be saved until a checkpoint is loaded.</remarks>
    /// <param name="batch">Two views of each image; it stays the caller's.</param>
    /// <returns>The step's loss and measures, to be read if wanted.</returns>
    /// <exception cref="ArgumentException">The batch does not fit the options.</exception>
    /// <exception cref="TrainingDivergedException">The loss is not finite (looked at every step on a CPU, else every logging interval). The
    /// trainer can no longer be saved; on a CPU it stands where it stood before the step.</exception>
    /// <exception cref="InvalidOperationException">The step before ended half-way.</exception>
    public StepResult Step(TwoCropBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        RefuseHalfSteps();
        if (batch.Size < 2)
        {
            throw new ArgumentException(
                $"The batch has {batch.Size} images; expected 2 or more, since BatchNorm needs two samples.", nameof(batch));
        }
        if (!epochClock.IsRunning) epochClock.Start();
        clock.Start();
        long started = Stopwatch.GetTimestamp();
        double rate = LearningRate(batch);
        if (PauseCollections) collections.Renew();

        using (DisposeScope scope = NewDisposeScope())
        {
            ContrastiveLoss loss = MoveWeights(batch, rate);
            halfStepped = true;
            Method.AfterBackward();
            measures.Write(loss);
            halfStepped = false;
        }
        StepResult result = new(measures, StepCount, rate);
        StepCount++;
        (Epoch, Batch) = (batch.Epoch, batch.Number + 1);
        LookAtEmbeddings();
        epochImages += batch.Size;
        meter.Step(batch.Size, Stopwatch.GetElapsedTime(started).TotalSeconds, rate);
        if (StepCount % LogEverySteps == 0) LookAtMeasures(rate);
        return result;
    }

    /// <summary>A step as far as the optimizer, or nothing of it.</summary>
    private ContrastiveLoss MoveWeights(TwoCropBatch batch, double rate)
    {
        undo.Begin();
        try
        {
            ContrastiveLoss loss = Method.Forward(new StepInput(batch.Query.CopyTo(Device), batch.Key.CopyTo(Device), StepCount)
            {
                Indices = batch.Indices,
                Labels = batch.Labels,
                Epoch = batch.Epoch,
                Progress = Progress(batch),
                Watch = collapse.Begin(QueryEncoder, StepCount, batch),
                IsMeasured = (StepCount + 1) % LogEverySteps == 0 || batch.Number == batch.BatchesPerEpoch - 1,
            });
            if (Device.type == DeviceType.CPU) RefuseIfNotFinite(loss.Loss.item<float>(), rate);
            loss.Loss.backward();
            optimizer.Step(rate);
            return loss;
        }
        catch
        {
            halfStepped = true;
            undo.PutBack();
            collapse.Forget();
            optimizer.ZeroGradients();
            halfStepped = false;
            throw;
        }
    }

    private void RefuseHalfSteps()
    {
        if (halfStepped)
        {
            throw new InvalidOperationException(
                $"Step {StepCount} failed after it had moved weights, so the trainer stands between two steps; load or resume the last "
                + "checkpoint, or make another trainer.");
        }
    }

    /// <summary>The share of the run that is done before a batch, 0–1.</summary>
    private double Progress(TwoCropBatch batch)
    {
        if (Options.Duration is not null) return clock.Share;
        double ofEpoch = batch.BatchesPerEpoch > 0 ? (double)batch.Number / batch.BatchesPerEpoch : 0;
        return Math.Min(1, (batch.Epoch + ofEpoch) / Options.Epochs);
    }

    private double LearningRate(TwoCropBatch batch)
    {
        if (Options.Duration is not null) return Options.Schedule.At(Options.FullLearningRate, clock.Share, Options.Epochs);
        double progress = batch.BatchesPerEpoch > 0 ? (double)batch.Number / batch.BatchesPerEpoch : 0;
        return Options.Schedule.At(Options.FullLearningRate, batch.Epoch, progress, Options.Epochs);
    }
}
