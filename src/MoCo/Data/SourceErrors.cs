namespace MoCo.Data;

/// <summary>The images of a source that could not be read: how many, and the first of them. Each counts once, however often it is met.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public sealed class SourceErrors
{
    /// <summary>The errors that are kept with their reasons; the others are only counted.</summary>
    public const int Kept = 100;

    private readonly object gate = new();
    private readonly HashSet<(int File, long Place)> met = [];
    private readonly HashSet<string> metByName = [];
    private readonly List<SourceError> first = [];
    private readonly Queue<SourceError> untold = [];

    /// <summary>Images that could not be read.</summary>
    public int Count
    {
        get
        {
            lock (gate)
                return met.Count + metByName.Count;
        }
    }

    /// <summary>The first errors met, at most <see cref="Kept"/>.</summary>
    public IReadOnlyList<SourceError> First
    {
        get
        {
            lock (gate)
                return [.. first];
        }
    }

    /// <summary>Records that an image could not be read.</summary>
    /// <param name="file">The file that holds it, a number of the source's own; 0 where the place says it all.</param>
    /// <param name="place">The image's number in its source, or its place in the file.</param>
    /// <param name="location">Where it lies.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>True the first time that this image is recorded.</returns>
    public bool Record(int file, long place, string location, string reason)
    {
        lock (gate)
        {
            return met.Add((file, place)) && Keep(location, reason);
        }
    }

    /// <summary>Records that an image could not be read, of a source in which where it lies says which it is.</summary>
    /// <param name="location">Where it lies.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>True the first time that this place is recorded.</returns>
    public bool Record(string location, string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        lock (gate)
            return metByName.Add(location) && Keep(location, reason);
    }

    /// <summary>Records what a source met by itself, where nobody could log it.</summary>
    internal bool RecordUntold(int file, long place, string location, string reason)
    {
        lock (gate)
        {
            if (!met.Add((file, place)))
                return false;
            if (untold.Count < Kept)
                untold.Enqueue(new SourceError(location, reason));
            return Keep(location, reason);
        }
    }

    /// <summary>Takes the next error that has not been logged yet; each is given away once.</summary>
    internal bool TryTakeUntold(out SourceError error)
    {
        lock (gate)
            return untold.TryDequeue(out error);
    }

    private bool Keep(string location, string reason)
    {
        if (first.Count < Kept)
            first.Add(new SourceError(location, reason));
        return true;
    }
}
