using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Optimization;
using MoCo.Tensors;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo;

/// <summary>The loop around a <see cref="ContrastiveMethod"/>: optimizer, schedule, measures, checkpoints. Drive it yourself with
/// <see cref="Step"/> and <see cref="EndEpoch"/>, or let <see cref="Fit"/> do it. Use one trainer from one thread.</summary>
public sealed partial class MoCoTrainer : IDisposable
{
    private readonly ILogger logger;
    private readonly FlatSgd optimizer;
    private readonly StepUndo undo;
    private readonly TrainingMeter meter = new(new Meter("MoCo"));
    private readonly Stopwatch epochClock = new();
    private readonly CollectionPause collections = new();
    private readonly TrainingClock clock;
    private StepMeasures measures;
    private MeasureMean epochMean = new();
    private MeasureMean intervalMean = new();
    private long measuredStep;
    private long epochImages;
    private string? latestFile;
    private bool diverged;
    private bool halfStepped;
    private int logEverySteps = 20;

    /// <summary>Builds the method that the options describe, for MoCo two encoders and a queue, and a trainer for it.</summary>
    /// <param name="options">The run; null is <see cref="MoCoOptions.V1"/>.</param>
    /// <param name="device">Where to train; null is the CPU.</param>
    /// <param name="logger">Receives a line per logging interval and the health of every epoch.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    public MoCoTrainer(MoCoOptions? options = null, Device? device = null, ILogger? logger = null)
        : this(MethodFactory.Build(options ??= MoCoOptions.V1, device), options, device, logger)
    {
    }

    /// <summary>Makes a trainer for a method of the caller's; the trainer owns it.</summary>
    /// <param name="method">The method, on <paramref name="device"/>.</param>
    /// <param name="options">The run; what describes encoders and queue is not looked at.</param>
    /// <param name="device">Where the method lies; null asks the method.</param>
    /// <param name="logger">Receives a line per logging interval and the health of every epoch.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    public MoCoTrainer(ContrastiveMethod method, MoCoOptions options, Device? device = null, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        (Method, Options, Device, this.logger) =
            (method, options, device ?? method.Parameters.Values.device, logger ?? NullLogger.Instance);
        clock = new TrainingClock(options.Duration);
        optimizer = new FlatSgd(method.Parameters, options.Optimizer);
        undo = new StepUndo(method.ChangedByForward);
        measures = MakeMeasures();
        method.train();
    }

    /// <summary>The run's options.</summary>
    public MoCoOptions Options { get; }

    /// <summary>What is trained.</summary>
    public ContrastiveMethod Method { get; }

    /// <summary>The encoder that learns and that users keep.</summary>
    public Encoder QueryEncoder => Method.QueryEncoder;

    /// <summary>Where training happens.</summary>
    public Device Device { get; }

    /// <summary>The epoch under way, from 0; in a run by epochs <see cref="MoCoOptions.Epochs"/> when all are done.</summary>
    public int Epoch { get; private set; }

    /// <summary>Batches of the epoch that are done: where a loader takes up after <see cref="Resume"/>.</summary>
    public int Batch { get; private set; }

    /// <summary>Steps done in all.</summary>
    public long StepCount { get; private set; }

    /// <summary>Whether the run is over: all <see cref="MoCoOptions.Epochs"/> are done or, with <see cref="MoCoOptions.Duration"/>, the
    /// time is spent.</summary>
    public bool IsDone => Options.Duration is { } given ? TimeSpent >= given : Epoch >= Options.Epochs;

    /// <summary>Time that training has taken: since the first <see cref="Step"/>, whatever was done between the steps, or, of each
    /// <see cref="Fit"/>, from its beginning to its end, listeners included. A run by time takes it along in its checkpoints.</summary>
    public TimeSpan TimeSpent => clock.Spent;

    /// <summary>Where a run by time takes it from.</summary>
    internal TimeProvider TimeProvider { get => clock.Time; set => clock.Time = value; }

    /// <summary>Where <see cref="Fit"/> saves after every epoch and when it is cancelled; null for nowhere.</summary>
    public string? CheckpointPath { get; set; }

    /// <summary>Where <see cref="Fit"/> saves as the folder's policy says, while training goes on; null for nowhere. It stays the
    /// caller's.</summary>
    public CheckpointFolder? Checkpoints { get; set; }

    /// <summary>Keep .NET's garbage collections out of the steps: TorchSharp's own layers and operators (its BatchNorm, <c>x * 0.5f</c>)
    /// may crash when one comes while libtorch reads a number they passed. This library's own calls are safe without it. Default: true; a
    /// no-GC region of the caller's own is respected.</summary>
    public bool PauseCollections { get; set; } = true;

    /// <summary>Steps between two looks at loss and measures (the only waits for a GPU), 1–4,096. Default: 20. Set it before the first
    /// step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside its range.</exception>
    public int LogEverySteps
    {
        get => logEverySteps;
        set
        {
            if (value is < 1 or > 4096) throw new ArgumentOutOfRangeException(nameof(value), value, "expected 1 to 4096.");
            LookAtMeasures(null);
            logEverySteps = value;
            measures.Dispose();
            measures = MakeMeasures();
        }
    }

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

    /// <summary>Closes an epoch: the next step belongs to the next one.</summary>
    /// <param name="secondsWaited">Time of the epoch spent waiting for data, if measured.</param>
    /// <returns>The epoch's numbers; <see cref="EpochSummary.Health"/> puts them in words.</returns>
    public EpochSummary EndEpoch(double? secondsWaited = null)
    {
        EpochSummary summary = Summarize(secondsWaited);
        meter.Epoch(summary);
        if (logger.IsEnabled(LogLevel.Information)) logger.LogInformation("{Health}", summary.Health());
        (Epoch, Batch, epochImages, epochMean, epochEmbeddings) = (Epoch + 1, 0, 0, new MeasureMean(), null);
        epochClock.Reset();
        return summary;
    }

    /// <summary>Frees encoders, queue and optimizer.</summary>
    public void Dispose()
    {
        collections.Dispose();
        optimizer.Dispose();
        undo.Dispose();
        collapse.Dispose();
        measures.Dispose();
        meter.Dispose();
        Method.Dispose();
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

    /// <summary>The numbers of the epoch under way, as far as it has come.</summary>
    private EpochSummary Summarize(double? secondsWaited)
    {
        LookAtMeasures(null);
        double seconds = epochClock.Elapsed.TotalSeconds;
        return new EpochSummary(Epoch, epochMean.Count, epochImages, seconds, epochMean.Mean, Method.ChanceLoss,
            secondsWaited is double waited && seconds > 0 ? Math.Clamp(waited / seconds, 0, 1) : null)
        {
            Embeddings = epochEmbeddings,
            HasSettled = (StepCount - epochMean.Count) * Options.BatchSize >= Method.SettlingImages,
        };
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

    private StepMeasures MakeMeasures() => new(logEverySteps + 256, Device, StepCount);

    /// <summary>Reads the measures since the last look: the only wait for the device.</summary>
    private void LookAtMeasures(double? rate)
    {
        int count = (int)(StepCount - measuredStep);
        if (count == 0) return;
        intervalMean = new MeasureMean();
        foreach (MeasuredStep step in measures.ReadRange(measuredStep, count))
        {
            RefuseIfNotFinite(step.Loss, rate);
            intervalMean.Add(step);
            epochMean.Add(step);
        }
        VerifyMethod();
        measuredStep = StepCount;
        MeasuredStep mean = intervalMean.Mean;
        meter.Interval(mean);
        if (logger.IsEnabled(LogLevel.Debug))
        {
            logger.LogDebug("step {Step}: loss {Loss:F4}, contrast accuracy {Accuracy:P1}, learning rate {Rate:G4}",
                StepCount, mean.Loss, mean.ContrastAccuracy, rate);
        }
    }

    /// <summary>What the method could not check without waiting for the device.</summary>
    private void VerifyMethod()
    {
        try
        {
            Method.Verify();
        }
        catch (ArgumentException)
        {
            diverged = true;
            throw;
        }
    }

    private void RefuseIfNotFinite(double loss, double? rate)
    {
        if (double.IsFinite(loss)) return;
        diverged = true;
        throw new TrainingDivergedException(
            StepCount, loss, rate, new[] { Checkpoints?.Last, CheckpointPath, latestFile }.FirstOrDefault(File.Exists));
    }
}
