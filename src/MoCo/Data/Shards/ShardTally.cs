using System.Text;

namespace MoCo.Data.Shards;

/// <summary>What a pass over all shards meets: counted, and the first of each kind by name.</summary>
/// <param name="shards">How many shards there are.</param>
internal sealed class ShardTally(int shards)
{
    /// <summary>Images that a reader will yield, shard by shard.</summary>
    internal long[] Images { get; } = new long[shards];

    /// <summary>The highest label, −1 for none.</summary>
    internal int HighestLabel { get; set; } = ShardLabel.None;

    /// <summary>Entries that are neither images nor labels.</summary>
    internal NamedCount PassedOver { get; } = new();

    /// <summary>Images without a label.</summary>
    internal NamedCount Unlabelled { get; } = new();

    /// <summary>Labels without an image beside them.</summary>
    internal NamedCount LabelsAlone { get; } = new();

    /// <summary>Names that begin a sample of their own because they are in the one before already.</summary>
    internal NamedCount Repeated { get; } = new();

    /// <summary>All that there is to say of it, a line each.</summary>
    internal IEnumerable<string> Notes()
    {
        const string Next = "which must lie next to each other (tar --sort=name)", Two = "in a sample, which counts as two";
        if (PassedOver.Count > 0)
        {
            string met = PassedOver.With("entry that is neither image nor label", "entries that are neither images nor labels");
            yield return $"left out: {met}";
        }
        if (HighestLabel >= 0 && Unlabelled.Count > 0) yield return Unlabelled.With("image has no label", "images have no label");
        if (LabelsAlone.Count > 0)
            yield return LabelsAlone.With($"label has no image beside it, {Next}", $"labels have no image beside them, {Next}");
        if (Repeated.Count > 0) yield return Repeated.With($"name comes twice {Two}", $"names come twice {Two}");
    }
}

/// <summary>How many there are, and the names of the first.</summary>
internal sealed class NamedCount
{
    private const int Named = 5;

    private readonly List<string> first = [];

    internal long Count { get; private set; }

    /// <summary>Counts one; of names that are not text the bytes in question are replaced.</summary>
    internal void Add(ReadOnlySpan<byte> name, string? what = null)
    {
        if (Count++ >= Named) return;
        string text = string.Concat(Encoding.UTF8.GetString(name).Select(letter => char.IsControl(letter) ? '\uFFFD' : letter));
        first.Add(what is null ? text : $"{text} ({what})");
    }

    /// <summary>The number, what is counted, and the names.</summary>
    internal string With(string one, string several) => $"{Counted.Of(Count, one, several)}: {this}";

    /// <summary>The names.</summary>
    public override string ToString() =>
        string.Join(", ", first) + (Count > Named ? Invariant($" and {Count - Named:N0} more") : "");
}
