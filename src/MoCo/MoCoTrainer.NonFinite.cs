using Microsoft.Extensions.Logging;
using MoCo.Encoders;
using MoCo.Loading;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>Batches at most that a folder takes: each comes with a checkpoint.</summary>
    private const int MostBadBatches = 8;

    private StepCounters counters = new();
    private Func<int, string>? locate;

    /// <summary>Steps of the run that were left out since their loss or gradients were not finite
    /// (<see cref="MoCoOptions.OnNonFinite"/>).</summary>
    public long SkippedSteps => counters.Skipped;

    /// <summary>Where a batch whose loss or gradients are not finite is written, with the state before it, for <see cref="Replay"/>; at
    /// most eight of them. Null for nowhere. On a GPU only where every step is looked at (<see cref="NonFiniteLoss.Skip"/>), since the
    /// state is gone later. Default: null.</summary>
    public string? BadBatchFolder { get; set; }

    /// <summary>Whether a step is known to be finite before it moves the weights: always on a CPU, elsewhere it waits.</summary>
    private bool LooksAtEveryStep => Device.type == DeviceType.CPU || Options.OnNonFinite == NonFiniteLoss.Skip || IsScaled;

    /// <summary>Whether the gradients' norm decides about a step, not only about a line of the log.</summary>
    private bool NeedsNorm => Options.Optimizer.ClipNorm is not null || Options.OnNonFinite == NonFiniteLoss.Skip || IsScaled;

    private bool IsScaled => Options.Precision == Precision.Float16;

    /// <summary>Makes a step again that a run wrote aside, from the state before it, and finds where numbers cease to be finite.</summary>
    /// <param name="path">The batch, in <see cref="BadBatchFolder"/>, its checkpoint beside it.</param>
    /// <param name="device">Where to compute; null is the CPU.</param>
    /// <param name="precision">Another arithmetic than the run's; null: the run's.</param>
    /// <exception cref="FileNotFoundException">One of the files is missing.</exception>
    /// <exception cref="InvalidDataException">One of the files is damaged or of another kind.</exception>
    public static ReplayedStep Replay(string path, Device? device = null, Precision? precision = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        BadBatch bad = BadBatch.Read(path);
        using TwoCropBatch batch = bad.Batch;
        string checkpoint = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, bad.Checkpoint);
        MoCoOptions options = ReadOptions(checkpoint);
        options = options with
        {
            OnNonFinite = NonFiniteLoss.Skip,
            Precision = precision ?? options.Precision,
            Encoder = options.Encoder with { BatchNormSplits = Math.Max(1, options.Encoder.BatchNormSplits / bad.Ranks) },
        };
        using MoCoTrainer trainer = new(options, device);
        trainer.Load(checkpoint);
        string? first = batch.SmallViews.Append(batch.Query).Append(batch.Key).All(IsFinite) ? null : "views";
        List<Action> hooks = [];
        if (trainer.Method.OtherEncoder is { } other) Watch("key", other);
        Watch("query", trainer.QueryEncoder);
        long step = trainer.StepCount;
        MeasuredStep measured = trainer.Step(batch).Measured;
        hooks.ForEach(remove => remove());
        return new ReplayedStep(step, batch.Epoch, batch.Number, measured.Loss, measured.GradientNorm, first, bad.Images);

        void Watch(string role, Encoder encoder)
        {
            foreach ((string name, nn.Module module) in encoder.named_modules())
            {
                if (module is not nn.Module<Tensor, Tensor> layer) continue;
                hooks.Add(layer.register_forward_hook((_, _, made) =>
                {
                    if (first is null && !IsFinite(made)) first = $"{role} {name}";
                    return made;
                }).remove);
            }
        }

        static bool IsFinite(Tensor values)
        {
            using IDisposable constant = no_grad();
            using Tensor finite = values.isfinite(), all = finite.all(), host = all.cpu();
            return host.item<bool>();
        }
    }

    /// <summary>What becomes of a step that was not finite and has been undone.</summary>
    /// <returns>The outcome of a step that is left out; null where training ends.</returns>
    private StepResult? LeaveOut(TwoCropBatch batch, double rate, TrainingDivergedException error)
    {
        if (error.IsOfGradients && IsScaled && counters.WithOverflow() is { } smaller)
        {
            counters = smaller;
            logger.LogDebug("step {Step}: gradients overflow float16, loss scale {Scale}", StepCount, counters.LossScale);
        }
        else
        {
            SetAside(batch);
            if (Options.OnNonFinite == NonFiniteLoss.Stop || counters.SkippedInARow >= Options.MostSkippedSteps) return null;
            counters = counters.WithSkipped();
            meter.Skipped();
            logger.LogWarning("{Error} This batch is left out, {Row} in a row of {Most} at most.",
                error.What, counters.SkippedInARow, Options.MostSkippedSteps);
        }
        diverged = false;
        (Epoch, Batch) = (batch.Epoch, batch.Number + 1);
        return new StepResult(StepCount, rate, error);
    }

    /// <summary>Writes a batch and the state before it where they can be looked at later.</summary>
    private void SetAside(TwoCropBatch batch)
    {
        if (BadBatchFolder is not { } folder) return;
        // Steps that are left out in a row have one number.
        string name = Invariant($"step-{StepCount:D8}-batch-{batch.Number:D6}"), checkpoint = name + ".ckpt";
        string own = group.Rank == 0 ? "" : $"-rank{group.Rank}";
        try
        {
            Directory.CreateDirectory(folder);
            if (Directory.GetFiles(folder, $"step-*-batch-??????{own}.safetensors").Length >= MostBadBatches) return;
            using DisposeScope scope = NewDisposeScope();
            if (group.Rank == 0)
                Checkpoint.Write(Path.Combine(folder, checkpoint), Position, Saved());
            string path = Path.Combine(folder, $"{name}{own}.safetensors");
            new BadBatch(batch, locate is null ? [] : [.. batch.Indices.ToArray().Select(locate)], group.Size, checkpoint).Write(path);
            logger.LogWarning("The batch of step {Step} is in {Path}, with the state before it.", StepCount, path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            logger.LogError("The batch of step {Step} could not be written aside: {Error}", StepCount, error.Message);
        }
    }

    private void RefuseIfNotFinite(double loss, double? rate, double? norm = null)
    {
        if (double.IsFinite(norm ?? loss)) return;
        diverged = true;
        throw new TrainingDivergedException(
            StepCount, loss, norm, rate, new[] { Checkpoints?.Last, CheckpointPath, latestFile }.FirstOrDefault(File.Exists));
    }
}
