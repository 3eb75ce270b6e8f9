using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MoCo.Contrast;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Gpu;
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
    private readonly ProcessGroup group;
    private readonly FlatOptimizer optimizer;
    private readonly StepUndo undo;
    private readonly TrainingMeter meter = new(new Meter("MoCo"));
    private readonly Stopwatch epochClock = new();
    private readonly CollectionPause collections = new();
    private readonly TrainingClock clock;
    private readonly EncoderPasses[] passes;
    private StepMeasures measures;
    private MeasureMean epochMean = new();
    private MeasureMean intervalMean = new();
    private (double InQueue, int Nearest, double InNearest)? falseNegatives;
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
    /// <param name="group">The processes that train this model together, each with its part of every batch: all make a trainer with the
    /// same options, whose batch size, BatchNorm groups, rates and epochs are those of the whole; null: this one alone.</param>
    /// <exception cref="ArgumentException">The options have errors, or can't be dealt to so many processes; the message lists them
    /// all.</exception>
    /// <exception cref="ProcessGroupException">Another rank has other options.</exception>
    public MoCoTrainer(MoCoOptions? options = null, Device? device = null, ILogger? logger = null, ProcessGroup? group = null)
        : this(MethodFactory.Build(options ??= MoCoOptions.V1, device, group?.Size ?? 1), options, device, logger, group)
    {
    }

    /// <summary>Makes a trainer for a method of the caller's; the trainer owns it.</summary>
    /// <param name="method">The method, on <paramref name="device"/>.</param>
    /// <param name="options">The run; what describes encoders and queue is not looked at.</param>
    /// <param name="device">Where the method lies; null asks the method.</param>
    /// <param name="logger">Receives a line per logging interval and the health of every epoch.</param>
    /// <param name="group">As in the other constructor; the method's BatchNorm sees this rank's part of a batch.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    /// <exception cref="NotSupportedException">There are several processes, and the method does not train across them
    /// (<see cref="ContrastiveMethod.TrainsAcrossRanks"/>), or there are <see cref="MoCoOptions.MicroBatches"/>, and it is not
    /// <see cref="MomentumContrast"/>.</exception>
    /// <exception cref="ProcessGroupException">Another rank has other options.</exception>
    public MoCoTrainer(
        ContrastiveMethod method, MoCoOptions options, Device? device = null, ILogger? logger = null, ProcessGroup? group = null)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(options);
        this.group = group ??= ProcessGroup.Single;
        options.Validate(group.Size);
        if (group.Size > 1 && !method.TrainsAcrossRanks)
            throw new NotSupportedException(
                $"{method.GetName()} does not train across processes ({nameof(ContrastiveMethod.TrainsAcrossRanks)} is false), and "
                + "there are "
                + $"{group.Size}: each would train a model of its own. Expected one process, or a method whose Forward looks at "
                + $"{nameof(StepInput)}.{nameof(StepInput.Group)}.");
        if (options.MicroBatches > 1 && !method.ForwardsInParts)
            throw new NotSupportedException(
                $"{method.GetName()} does not compute a batch in parts, and MicroBatches is {options.MicroBatches}; expected 1.");
        RankAgreement.CheckOptions(group, StoredOptions.Write(options));
        (Method, Options, Device, this.logger) =
            (method, options, device ?? method.Parameters.Values.device, logger ?? NullLogger.Instance);
        WarnOfSlowArithmetic();
        clock = new TrainingClock(options.Duration);
        optimizer = FlatOptimizer.Of(method.Parameters, options.Optimizer);
        passes = [.. new[] { method.QueryEncoder, method.OtherEncoder }.OfType<Encoder>()
            .Select(encoder => EncoderPasses.Of(encoder, options.GradientCheckpointing)).OfType<EncoderPasses>()];
        undo = new StepUndo(method.ChangedByForward, method.FlatUpdate);
        Probe = MakeProbe();
        measures = MakeMeasures();
        method.train();
        RankState.Share(group, Tensors());
        method.AfterLoading();
    }

    /// <summary>The run's options.</summary>
    public MoCoOptions Options { get; }

    /// <summary>What is trained.</summary>
    public ContrastiveMethod Method { get; }

    /// <summary>The encoder that learns and that users keep.</summary>
    public Encoder QueryEncoder => Method.QueryEncoder;

    /// <summary>The processes that train the model.</summary>
    public ProcessGroup Group => group;

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

    /// <summary>Closes an epoch: the next step belongs to the next one. Ranks share BatchNorm's statistics and compare what they
    /// have.</summary>
    /// <param name="secondsWaited">Time of the epoch spent waiting for data, if measured.</param>
    /// <returns>The epoch's numbers; <see cref="EpochSummary.Health"/> puts them in words.</returns>
    /// <exception cref="ProcessGroupException">A rank is no longer equal to the others.</exception>
    public EpochSummary EndEpoch(double? secondsWaited = null)
    {
        EpochSummary summary = Summarize(secondsWaited);
        MakeRanksEqual();
        meter.Epoch(summary);
        if (logger.IsEnabled(LogLevel.Information)) logger.LogInformation("{Health}", summary.Health());
        (Epoch, Batch, epochImages, epochMean, epochEmbeddings) = (Epoch + 1, 0, 0, new MeasureMean(), null);
        epochClock.Reset();
        NativeHeap.Trim();
        return summary;
    }

    /// <summary>Frees encoders, queue and optimizer.</summary>
    public void Dispose()
    {
        collections.Dispose();
        optimizer.Dispose();
        undo.Dispose();
        foreach (EncoderPasses own in passes) own.Dispose();
        collapse.Dispose();
        Probe?.Dispose();
        measures.Dispose();
        meter.Dispose();
        Method.Dispose();
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

    private void WarnOfSlowArithmetic()
    {
        if (Device.type == DeviceType.CUDA && QueryEncoder.Backbone is ResNet && FusedLayers.IsWanted
            && GpuKernels.WhyNot(GpuKernels.GpuOf(Device), Options.Precision) is { } reason)
            logger.LogWarning("BatchNorm, sum and ReLU are not fused on {Device}, which makes a step slower: {Reason}", Device, reason);
        if (Device.type != DeviceType.CPU) return;
        if (Options.Precision == Precision.BFloat16 && ProcessorUnits.MultipliesBFloat16 == false)
            logger.LogWarning("This processor has no bfloat16 units (avx512_bf16, amx_bf16, bf16): with Precision BFloat16 it computes "
                + "more slowly than with Float32.");
        else if (Options.Precision == Precision.Float16)
            logger.LogWarning("Precision Float16 is for GPUs: a processor computes more slowly with it than with Float32.");
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
        if ((falseNegatives = Method.TakeFalseNegatives()) is { } share) meter.FalseNegatives(share);
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
}
