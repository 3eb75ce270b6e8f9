using System.Diagnostics;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Training;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    private bool stopWished;
    private bool stopAgreed;

    /// <summary>One training step: forward, backward, optimizer, queue.</summary>
    /// <remarks>A step that throws on the way to the optimizer (out of memory, an exception of a hook, a batch that does not fit) has not
    /// been: key encoder, BatchNorm's statistics, gradients and torch's random numbers on the CPU are put back, so that trying it again,
    /// or going on after <see cref="Load"/>, gives bit for bit what it would have given. What a method of the caller's keeps outside its
    /// parameters and buffers is its own. Where the weights have moved and the method then refuses its part, the trainer can neither step
    /// nor be saved until a checkpoint is loaded. Of several processes every rank makes the step, and one whose step throws must end, or
    /// the others wait for it until their time-out.</remarks>
    /// <param name="batch">Two views of each image and its small ones, this rank's part of the whole batch; it stays the caller's.</param>
    /// <returns>The step's loss and measures, to be read if wanted.</returns>
    /// <exception cref="ArgumentException">The batch does not fit the options.</exception>
    /// <exception cref="TrainingDivergedException">The loss, or the norm of the gradients, is not finite (looked at every step on a CPU,
    /// else every logging interval), and the step is not to be left out (<see cref="MoCoOptions.OnNonFinite"/>). The trainer can no longer
    /// be saved; where every step is looked at, it stands where it stood before the step.</exception>
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
        RefuseSmallViews(batch.SmallViews.Count, nameof(batch));
        if (!epochClock.IsRunning) epochClock.Start();
        clock.Start();
        clock.Agree(group);
        long started = Stopwatch.GetTimestamp();
        double rate = LearningRate(batch);
        if (PauseCollections) collections.Renew();

        using (DisposeScope scope = NewDisposeScope())
        {
            Tensor row;
            try
            {
                row = MoveWeights(batch, rate);
            }
            catch (TrainingDivergedException error)
            {
                if (LeaveOut(batch, rate, error) is { } leftOut) return leftOut;
                throw;
            }
            halfStepped = true;
            Method.AfterBackward();
            measures.Write(row, Probe?.Learn(rate / Options.FullLearningRate, group));
            halfStepped = false;
        }
        StepResult result = new(measures, StepCount, rate);
        counters = counters.WithStep(IsScaled);
        StepCount++;
        (Epoch, Batch) = (batch.Epoch, batch.Number + 1);
        LookAtEmbeddings();
        epochImages += batch.Size * group.Size;
        meter.Step(batch.Size * group.Size, Stopwatch.GetElapsedTime(started).TotalSeconds, rate);
        if (StepCount % LogEverySteps == 0) LookAtMeasures(rate);
        return result;
    }

    /// <summary>A step as far as the optimizer, or nothing of it.</summary>
    /// <returns>The row of measures, of the whole batch.</returns>
    private Tensor MoveWeights(TwoCropBatch batch, double rate)
    {
        undo.Begin();
        foreach (EncoderPasses own in passes) own.Begin();
        try
        {
            StepInput input = new(batch.Query.CopyTo(Device), batch.Key.CopyTo(Device), StepCount)
            {
                SmallViews = [.. batch.SmallViews.Select(view => view.CopyTo(Device))],
                Indices = batch.Indices,
                Labels = batch.Labels,
                Epoch = batch.Epoch,
                Progress = Progress(batch),
                Group = group,
                Watch = collapse.Begin(QueryEncoder, StepCount, batch),
                Announce = Probe is null ? null : Probe.Expect,
                IsMeasured = (StepCount + 1) % LogEverySteps == 0 || batch.Number == batch.BatchesPerEpoch - 1,
            };
            Probe?.Begin(QueryEncoder, input);
            int parts = Options.MicroBatches;
            ContrastiveLoss loss = parts == 1 ? Method.Forward(input) : Method.ForwardInParts(input, parts, Backward);
            Tensor row = Shared(StepMeasures.RowOf(loss), batch);
            double known = LooksAtEveryStep ? First(row) : 0;
            RefuseIfNotFinite(known, rate);
            if (parts == 1) Backward(loss.Loss);
            if (group.Size > 1) group.AllReduceSum(Method.Parameters.Gradients!);
            Tensor norm = NeedsNorm || input.IsMeasured ? optimizer.ClipGradients(IsScaled ? counters.LossScale : 1)
                : row.new_full(1, MinusOne);
            if (NeedsNorm && LooksAtEveryStep) RefuseIfNotFinite(known, rate, First(norm.view(1)));
            Tensor measured = cat([row, norm.to(row.dtype).view(1)], 0);
            optimizer.Step(rate, Options.Optimizer.WeightDecayAt(input.Progress));
            return measured;
        }
        catch
        {
            halfStepped = true;
            undo.PutBack();
            collapse.Forget();
            Probe?.Forget();
            optimizer.ZeroGradients();
            halfStepped = false;
            throw;
        }
        finally
        {
            foreach (EncoderPasses own in passes) own.End();
        }
    }

    /// <summary>The means of the ranks' measures, before backward: what is not finite on one rank is not on any, and all throw at the same
    /// step. Beside them goes the wish to stop.</summary>
    private Tensor Shared(Tensor row, TwoCropBatch batch)
    {
        if (group.Size == 1) return row;
        using IDisposable constant = no_grad();
        Tensor wish = tensor([stopWished ? 1f : 0f]).to(row.dtype).SendTo(row.device);
        Tensor shared = cat([row, wish], 0);
        group.AllReduceMean(shared);
        // Looking waits for a GPU, so it is done when the measures are looked at, too.
        if (Device.type == DeviceType.CPU || (StepCount + 1) % LogEverySteps == 0 || batch.Number == batch.BatchesPerEpoch - 1)
            stopAgreed = First(shared.narrow(0, row.shape[0], 1)) > 0;
        return shared.narrow(0, 0, row.shape[0]);
    }

    /// <summary>Gradients of this rank's share in the mean of the ranks' losses, scaled where float16 needs it.</summary>
    private void Backward(Tensor loss)
    {
        using Scalar divisor = (group.Size / (IsScaled ? counters.LossScale : 1)).ToScalar();
        (group.Size == 1 && !IsScaled ? loss : loss.div(divisor)).backward();
        foreach (EncoderPasses own in passes) own.Backward();
    }

    private static double First(Tensor values) => values.narrow(0, 0, 1).to(ScalarType.Float64).cpu().item<double>();

    private void RefuseHalfSteps()
    {
        if (halfStepped)
        {
            throw new InvalidOperationException(
                $"Step {StepCount} failed after it had moved weights, so the trainer stands between two steps; load or resume the last "
                + "checkpoint, or make another trainer.");
        }
    }

    /// <summary>A method that does not look at small views would train as if there were none.</summary>
    private void RefuseSmallViews(int views, string parameter)
    {
        if (views > 0 && !Method.TakesSmallViews)
            throw new ArgumentException($"There are {views} small views of each image, and {Method.GetName()} takes none "
                + $"({nameof(ContrastiveMethod.TakesSmallViews)} is false); expected two views.", parameter);
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
