namespace MoCo.Data;

/// <summary>An image that could not be read.</summary>
/// <param name="Location">Its file, or where else it lies.</param>
/// <param name="Reason">What is wrong with it.</param>
public readonly record struct SourceError(string Location, string Reason)
{
    /// <summary>Both, as messages say it.</summary>
    public override string ToString() => $"{Location}: {Reason}";
}

/// <summary>The images of a source that could not be read: how many, and the first of them. Each counts once, however often it is
/// met.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public sealed class SourceErrors
{
    /// <summary>The errors that are kept with their reasons; the others are only counted.</summary>
    internal const int Kept = 100;

    private readonly Lock gate = new();
    private readonly HashSet<string> met = [];
    private readonly List<SourceError> first = [];
    private readonly Queue<SourceError> untold = [];

    /// <summary>Images that could not be read.</summary>
    public int Count { get { lock (gate) return met.Count; } }

    /// <summary>The first errors met, at most <see cref="Kept"/>.</summary>
    public IReadOnlyList<SourceError> First { get { lock (gate) return [.. first]; } }

    /// <summary>Records that an image could not be read.</summary>
    /// <param name="location">Where it lies, which says which it is.</param>
    /// <param name="reason">What is wrong.</param>
    /// <returns>True the first time that this place is recorded.</returns>
    public bool Record(string location, string reason) => Record(location, reason, told: true);

    /// <summary>Records what a source met by itself, where nobody could log it.</summary>
    internal bool RecordUntold(string location, string reason) => Record(location, reason, told: false);

    /// <summary>Takes the next error that has not been logged yet; each is given away once.</summary>
    internal bool TryTakeUntold(out SourceError error)
    {
        lock (gate) return untold.TryDequeue(out error);
    }

    private bool Record(string location, string reason, bool told)
    {
        ArgumentException.ThrowIfNullOrEmpty(location);
        lock (gate)
        {
            if (!met.Add(location)) return false;
            if (first.Count < Kept) first.Add(new SourceError(location, reason));
            if (!told && untold.Count < Kept) untold.Enqueue(new SourceError(location, reason));
            return true;
        }
    }
}
