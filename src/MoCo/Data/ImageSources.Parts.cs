namespace MoCo.Data;

/// <content>Some images of a source, as a source of their own. An image that cannot be read is one error of the whole source, whichever
/// part met it.</content>
public static partial class ImageSources
{
    /// <summary>Chosen images.</summary>
    /// <param name="source">All images.</param>
    /// <param name="indices">The chosen ones, in the order that the subset shall have; a number may occur more than once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that is no image's.</exception>
    public static IImageSource Subset(this IImageSource source, IEnumerable<int> indices) => new ImageSubset(source, indices);

    /// <summary>Some images, spread evenly over a source: those of a folder lie class by class.</summary>
    /// <param name="source">All images.</param>
    /// <param name="count">How many, at least 0; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static IImageSource Spread(this IImageSource source, int count)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int chosen = Math.Min(count, source.Count);
        return new ImageSubset(source, Enumerable.Range(0, chosen).Select(i => (int)((long)i * source.Count / chosen)));
    }

    /// <summary>A share of a source, drawn by a seed: the same share of every class, and of the images without a label, rounded and at
    /// least one image. The same images on every run, in the source's order; a larger share of the same seed holds all of a smaller
    /// one.</summary>
    /// <param name="source">All images.</param>
    /// <param name="share">Above 0, up to 1.</param>
    /// <param name="seed">Another one draws other images.</param>
    /// <exception cref="ArgumentOutOfRangeException">A share out of range.</exception>
    public static IImageSource Share(this IImageSource source, double share, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        int[] labels = [.. Enumerable.Range(0, source.Count).Select(index => source.Label(index) ?? source.Classes.Count)];
        int[] chosen = StratifiedSample.Choose(labels, share, seed);
        string each = source.Classes.Count > 0 ? " of each class" : "";
        string counts = Invariant($"{chosen.Length:N0} of {source.Count:N0} images");
        return new ImageSubset(source, chosen, Invariant($"a share of {share}{each}, drawn by seed {seed}: {counts}"));
    }

    /// <summary>Splits a labelled source class by class: every n-th image of each class into the second part, the others into the first.
    /// Images without a label go into the first.</summary>
    /// <param name="source">All images.</param>
    /// <param name="everyNth">n, at least 2: 5 holds out a fifth of every class.</param>
    /// <exception cref="ArgumentOutOfRangeException">n below 2.</exception>
    public static (IImageSource Kept, IImageSource HeldOut) Split(this IImageSource source, int everyNth)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(everyNth, 2);
        List<int> kept = [], heldOut = [];
        int[] met = new int[source.Classes.Count];
        for (int index = 0; index < source.Count; index++)
            (source.Label(index) is { } label && ++met[label] % everyNth == 0 ? heldOut : kept).Add(index);
        return (new ImageSubset(source, kept), new ImageSubset(source, heldOut));
    }
}
