using System.Runtime.ExceptionServices;
using Microsoft.Extensions.Logging;
using MoCo.Distributed;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;
using MoCo.Training;
using MoCo.Training.Checkpoints;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>Writes everything that is needed to resume bit for bit: both encoders, queue and pointer, optimizer, position, torch's
    /// random state, options, the time spent of a run by time. Atomic: a crash or a full disk leaves the old file whole.</summary>
    /// <remarks>Of several processes rank 0 writes, and all make the call: BatchNorm's statistics become the ranks' mean. The file is the
    /// same as that of one process, and any number of processes can go on from it.</remarks>
    /// <param name="path">The file to make or replace.</param>
    /// <exception cref="IOException">The file can't be written; every rank throws.</exception>
    /// <exception cref="TrainingDivergedException">A loss since the last look is not finite; the old file stands.</exception>
    /// <exception cref="InvalidOperationException">Training has diverged: the file would replace a sound checkpoint.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        RefuseToSaveWhatDiverged();
        MakeRanksEqual();
        using DisposeScope scope = NewDisposeScope();
        Exception? error = group.Rank > 0 ? null
            : Caught(() => Checkpoint.Write(path, Position, Saved()));
        bool failed = group.Max(error is null ? 0 : 1) > 0;
        if (error is not null) ExceptionDispatchInfo.Throw(error);
        if (failed) throw new IOException($"Rank 0 could not write {path}; it tells why.");
        latestFile = path;
    }

    /// <summary>Copies the same into memory and starts writing it to a folder's rolling checkpoint while training goes on; the files are
    /// whole after <see cref="CheckpointFolder.Flush"/> or the next save.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="IOException">The checkpoint before could not be written; this one is not begun.</exception>
    /// <exception cref="TrainingDivergedException">A loss since the last look is not finite; the old files stand.</exception>
    /// <exception cref="InvalidOperationException">Training has diverged.</exception>
    public void Save(CheckpointFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        MakeRanksEqual();
        WriteInto(folder);
    }

    /// <summary>Builds the trainer that a checkpoint was saved from, standing where it stood.</summary>
    /// <param name="path">A file that <see cref="Save(string)"/> wrote.</param>
    /// <param name="device">Where to train; null is the CPU.</param>
    /// <param name="logger">As in the constructor.</param>
    /// <param name="group">As in the constructor; there need not be as many processes as before. Every rank reads the file.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or no checkpoint, or of a run with a schedule of the caller's
    /// own; nothing is loaded.</exception>
    public static MoCoTrainer Resume(string path, Device? device = null, ILogger? logger = null, ProcessGroup? group = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        MoCoOptions options = ReadOptions(path);
        (long length, long dimension) = (options.Queue.Length, options.Encoder.EmbeddingDimension);
        if (options.Method == Contrast.MethodKind.MoCo && length * dimension * sizeof(float) > new FileInfo(path).Length)
            throw new InvalidDataException(
                $"{path} states a queue of {length} keys of {dimension} numbers, more than the file holds; it is of another method or "
                + "damaged.");
        return new MoCoTrainer(options, device, logger, group).HandTo(trainer =>
        {
            trainer.Load(path);
            return trainer;
        });
    }

    /// <summary>The options that a checkpoint was saved with: what a run is, without building it.</summary>
    /// <param name="path">A file that <see cref="Save(string)"/> wrote; all of it is checked.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is truncated, damaged or no checkpoint.</exception>
    public static MoCoOptions ReadOptions(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        (SafetensorsFile file, CheckpointPosition position) = Checkpoint.Open(path);
        using SafetensorsFile opened = file;
        return StoredOptions.Read<MoCoOptions>(path, position.Options, options => options.Validate());
    }

    /// <summary>Takes over a checkpoint's state, all or nothing; the options stay this trainer's: another
    /// <see cref="MoCoOptions.Duration"/> makes a run by time longer or shorter in all.</summary>
    /// <param name="path">A file that <see cref="Save(string)"/> wrote, for the same architecture, queue and optimizer.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or of another model; nothing is loaded.</exception>
    /// <exception cref="ProcessGroupException">Another rank could not load it, and nothing is loaded, or it read another file.</exception>
    public void Load(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        using DisposeScope scope = NewDisposeScope();
        CheckpointPosition position;
        try
        {
            (SafetensorsFile file, position) = Checkpoint.Open(path);
            using SafetensorsFile opened = file;
            TakeOver(path, file);
        }
        catch (Exception error) when (error is not ProcessGroupException)
        {
            group.Max(1);
            throw;
        }
        RankState.Compare(group, Tensors(), $"after loading {path}");
        latestFile = path;
        optimizer.ZeroGradients();
        (StepCount, Epoch, Batch, measuredStep) = (position.Step, position.Epoch, position.Batch, position.Step);
        (diverged, halfStepped, counters) = (false, false, position.Counters);
        measures.Dispose();
        measures = MakeMeasures();
        (epochImages, epochMean, intervalMean) = (0, new MeasureMean(), new MeasureMean());
        ForgetEmbeddings();
        epochClock.Reset();
        clock.Set(position.Spent ?? TimeSpan.Zero);
    }

    /// <summary>Takes a checkpoint's tensors over, all of them or none: whatever a file holds, however reading it ends.</summary>
    private void TakeOver(string path, SafetensorsFile file)
    {
        bool isProbed = file.Tensors.Keys.Any(Checkpoint.IsOfProbe);
        (string Name, Tensor Tensor)[] state = Saved(withProbe: isProbed);
        Tensor random = state[^1].Tensor;
        Checkpoint.Compare(path, file, state);
        using CheckpointSnapshot before = new();
        before.Take(Position, state);
        try
        {
            Checkpoint.CopyInto(file, state);
            RandomState.Restore(random);
            Method.AfterLoading();
            if (group.Max(0) > 0)
                throw new ProcessGroupException($"Another rank could not load {path}, and nothing is loaded; it tells why.");
            if (!isProbed) BeginProbe();
        }
        catch (Exception error)
        {
            before.PutBack(state);
            RandomState.Restore(random);
            Method.AfterLoading();
            if (error is IOException or ProcessGroupException) throw;
            throw new InvalidDataException($"{path} holds a state that no run can have: {error.Message}", error);
        }
    }

    /// <summary>Shares BatchNorm's statistics; what is then not equal on all ranks is not worth keeping.</summary>
    private void MakeRanksEqual()
    {
        RankState.ShareStatistics(group, Method);
        RankState.Compare(group, Tensors(), $"at step {StepCount}");
    }

    private void WriteInto(CheckpointFolder folder) => folder.Save(CopyInto, (StepCount, Epoch, Batch, IsDone));

    private static Exception? Caught(Action work)
    {
        try
        {
            work();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    /// <summary>Copies what <see cref="Save(string)"/> would write.</summary>
    private void CopyInto(CheckpointSnapshot snapshot)
    {
        RefuseToSaveWhatDiverged();
        using DisposeScope scope = NewDisposeScope();
        snapshot.Take(Position, Saved());
    }

    private CheckpointPosition Position
        => new(StoredOptions.Write(Options), StepCount, Epoch, Batch, Options.Duration is null ? null : clock.Spent, counters);

    private void RefuseToSaveWhatDiverged()
    {
        RefuseHalfSteps();
        if (diverged)
        {
            throw new InvalidOperationException(
                "Training has diverged, so the key encoder's state is not worth keeping; load or resume the last checkpoint instead.");
        }
        foreach (MeasuredStep step in measures.ReadRange(measuredStep, (int)(StepCount - measuredStep))) RefuseIfNotFinite(step.Loss, null);
        VerifyMethod();
    }

    /// <summary>Tells of a method of the caller's before the first step, not at the first save, hours later.</summary>
    private void RefuseWhatNoFileHolds()
    {
        foreach ((string name, Tensor tensor) in Tensors())
            if (!TensorType.CanHold(tensor.dtype))
                throw new NotSupportedException($"The tensor {name} is {tensor.dtype}, which a checkpoint can't hold; expected one of "
                    + $"{TensorType.Writable}. Train without Checkpoints and CheckpointPath, or keep it in another type.");
    }

    /// <summary>Everything that a checkpoint holds, torch's random state last; the copies are the scope's.</summary>
    private (string Name, Tensor Tensor)[] Saved(bool withProbe = true)
        => [.. Tensors(), .. withProbe ? ProbeTensors() : [], ("rng.cpu", RandomState.Copy())];

    /// <summary>The run's tensors by the names that they have in a checkpoint.</summary>
    private IEnumerable<(string Name, Tensor Tensor)> Tensors()
    {
        foreach ((string name, Tensor tensor) in Method.state_dict()) yield return ("method." + name, tensor);
        foreach ((string name, Tensor tensor) in optimizer.State) yield return ("optimizer." + name, tensor);
    }
}
