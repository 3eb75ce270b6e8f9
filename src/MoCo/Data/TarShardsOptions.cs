namespace MoCo.Data;

/// <summary>How <see cref="TarShards"/> are read.</summary>
public sealed record TarShardsOptions
{
    private const int LongestBuffer = 1 << 24;

    /// <summary>The class names by label. Default null: where the images are counted, the numbers up to the highest label; else none are named.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Images in an epoch, over all ranks. Default null: all of them, counted in one pass over the headers when the source is made
    /// (some milliseconds for a shard in the system's cache, one small read for each entry otherwise). Give the number where shards are many.</summary>
    public long? ImagesPerEpoch { get; init; }

    /// <summary>Images among which the next is drawn. Default 1,000, 1 (shards are shuffled, images in them are not) … 16,777,216.
    /// Each takes 24 bytes; the images themselves wait in the system's file cache.</summary>
    public int ShuffleBuffer { get; init; } = 1_000;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate()
    {
        List<string> errors = [];
        if (Classes is { Count: 0 })
            errors.Add($"{nameof(Classes)} is empty; expected at least one name, or null.");
        if (ImagesPerEpoch is < 1)
            errors.Add($"{nameof(ImagesPerEpoch)} is {ImagesPerEpoch}; expected at least 1, or null.");
        if (ShuffleBuffer is < 1 or > LongestBuffer)
            errors.Add($"{nameof(ShuffleBuffer)} is {ShuffleBuffer}; allowed are 1 to {LongestBuffer}.");
        if (errors.Count > 0)
            throw new ArgumentException($"{nameof(TarShardsOptions)}: {string.Join(" ", errors)}");
    }
}
