using MoCo.Distributed;
using MoCo.Tensors.Safetensors;

namespace MoCo.Training.Checkpoints;

/// <summary>A run's checkpoints in one folder: a rolling <c>last.ckpt</c> and, if asked for, every n-th epoch's <c>epoch-0010.ckpt</c>.
/// Files are written by a thread of their own while training goes on; training waits for a copy in memory only.</summary>
/// <remarks>One process has the folder at a time: it holds <c>.lock</c>, which stays, until disposed or dead. A folder that is deleted
/// under a run is made and claimed anew by its next save. Where several processes train one model, rank 0 has it, and the others only
/// know when to save.</remarks>
public sealed class CheckpointFolder : IDisposable
{
    private const string LastName = "last.ckpt", KeptPrefix = "epoch-", Extension = ".ckpt", LockName = ".lock";

    private readonly CheckpointSnapshot snapshot = new();
    private readonly bool isWriter;
    private FileStream? claim;
    private Task writing = Task.CompletedTask;
    private bool disposed;

    /// <summary>Makes the folder if it is missing, claims it and removes what a killed run left half-written.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="policy">Null: the defaults.</param>
    /// <param name="group">The processes that train together, of which rank 0 writes; null: this one alone.</param>
    /// <exception cref="ArgumentException">The policy has errors.</exception>
    /// <exception cref="IOException">Another process has the folder, or it cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public CheckpointFolder(string path, CheckpointPolicy? policy = null, ProcessGroup? group = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        Policy = policy ?? new CheckpointPolicy();
        Policy.Validate();
        Folder = Path.GetFullPath(path);
        isWriter = group is null || group.Rank == 0;
        if (!isWriter) return;
        Directory.CreateDirectory(Folder);
        claim = Claim(Folder);
        try
        {
            foreach (string torn in Directory.EnumerateFiles(Folder, $".*{Extension}.*.tmp")) File.Delete(torn);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <summary>The folder's full path.</summary>
    internal string Folder { get; }

    /// <summary>When to save and what to keep.</summary>
    internal CheckpointPolicy Policy { get; }

    /// <summary>The rolling checkpoint's file, there or not.</summary>
    public string Last => Path.Combine(Folder, LastName);

    /// <summary>The kept checkpoints, oldest first.</summary>
    public IReadOnlyList<string> Kept => KeptIn(Folder);

    /// <summary>Seconds that training was held up by the latest save: the copy, and the wait for the file before if it was still being
    /// written.</summary>
    internal double SecondsHeldUp { get; private set; }

    /// <summary>The step of the latest checkpoint that is whole on the disk; null before the first of this object.</summary>
    public long? StepWritten { get; private set; }

    /// <summary>Where the run stood at the latest save, written or not, and whether it was over.</summary>
    internal (long Step, int Epoch, int Batch, bool IsDone)? LastSaved { get; private set; }

    /// <summary>Whether the latest file could not be written, as <see cref="Flush"/> would tell.</summary>
    internal bool HasError => writing.IsFaulted;

    /// <summary>Takes the memory that a copy needs before training begins, so that the first save waits for no pages.</summary>
    internal void Prepare(Action<CheckpointSnapshot> copy)
    {
        if (isWriter && writing.IsCompleted) copy(snapshot);
    }

    /// <summary>Copies a run's state and starts writing it; the files are whole after <see cref="Flush"/> or the next save.</summary>
    /// <exception cref="IOException">The checkpoint before could not be written; this one is not begun.</exception>
    internal void Save(Action<CheckpointSnapshot> copy, (long Step, int Epoch, int Batch, bool IsDone) position)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!isWriter)
        {
            LastSaved = position;
            return;
        }
        long started = System.Diagnostics.Stopwatch.GetTimestamp();
        Flush();
        copy(snapshot);
        LastSaved = position;
        SecondsHeldUp = System.Diagnostics.Stopwatch.GetElapsedTime(started).TotalSeconds;
        writing = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Waits until the files are on the disk.</summary>
    /// <exception cref="IOException">The checkpoint could not be written; the one before stands.</exception>
    public void Flush()
    {
        Task last = writing;
        writing = Task.CompletedTask;
        last.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the files and gives the folder back. An error of the last file that nobody asked for is lost: call
    /// <see cref="Flush"/> before.</summary>
    public void Dispose()
    {
        ((IAsyncResult)writing).AsyncWaitHandle.WaitOne();
        _ = writing.Exception;
        disposed = true;
        snapshot.Dispose();
        claim?.Dispose();
    }

    /// <summary>The newest checkpoint in a folder that is whole: the rolling one, else the latest kept; damaged ones are passed
    /// over.</summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="damaged">Receives what is wrong with each file passed over.</param>
    /// <returns>The file; null where there is none.</returns>
    public static string? Newest(string path, ICollection<string>? damaged = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string folder = Path.GetFullPath(path);
        if (!Directory.Exists(folder)) return null;
        foreach (string file in KeptIn(folder).Append(Path.Combine(folder, LastName)).Reverse().Where(File.Exists))
        {
            try
            {
                using SafetensorsFile whole = Checkpoint.Open(file).File;
                return file;
            }
            catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
            {
                damaged?.Add(error.Message);
            }
        }
        return null;
    }

    private void Write()
    {
        CheckpointPosition position = snapshot.Position;
        try
        {
            if (claim is null || !File.Exists(claim.Name))
            {
                claim?.Dispose();
                claim = null;
                Directory.CreateDirectory(Folder);
                claim = Claim(Folder);
            }
            WriteFiles(position);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            string standing = File.Exists(Last) ? "the checkpoint before stands" : "there is none before it";
            throw new IOException(
                $"The checkpoint of step {position.Step} could not be written to {Folder}, {standing}: "
                + $"{error.Message.TrimEnd('.')}.", error);
        }
    }

    private void WriteFiles(CheckpointPosition position)
    {
        snapshot.Write(Last);
        StepWritten = position.Step;
        if (Policy.KeepEveryEpochs == 0 || position.Batch != 0 || position.Epoch == 0 || position.Epoch % Policy.KeepEveryEpochs != 0)
            return;
        string kept = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{KeptPrefix}{position.Epoch:D4}{Extension}"));
        AtomicFile.Write(kept, stream =>
        {
            using FileStream source = File.OpenRead(Last);
            source.CopyTo(stream);
        });
        foreach (string old in Kept.SkipLast(Policy.KeepAtMost ?? int.MaxValue)) File.Delete(old);
    }

    private static string[] KeptIn(string folder) =>
        [.. Directory.EnumerateFiles(folder, $"{KeptPrefix}*{Extension}").Where(file => EpochOf(file) >= 0).OrderBy(EpochOf)];

    private static int EpochOf(string file) =>
        int.TryParse(Path.GetFileNameWithoutExtension(file).AsSpan(KeptPrefix.Length), NumberStyles.None,
            CultureInfo.InvariantCulture, out int epoch) ? epoch : -1;

    private static FileStream Claim(string folder)
    {
        string file = Path.Combine(folder, LockName);
        try
        {
            // It is never deleted: whoever had opened it before would lock what is no longer there, beside another who makes it anew.
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException error) when (File.Exists(file))
        {
            throw new IOException(
                $"{folder} is in use by another run ({error.Message.TrimEnd('.')}); wait for it to end, or name another folder.", error);
        }
    }
}
