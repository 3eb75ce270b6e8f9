using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Some images of a source, as a source of their own: a held-out part, a share of the labels, the first thousand.</summary>
public sealed class ImageSubset : IImageSource
{
    private readonly IImageSource source;
    private readonly int[] indices;
    private readonly string? note;

    /// <summary>Chooses images.</summary>
    /// <param name="source">All images.</param>
    /// <param name="indices">The chosen ones, in the order that the subset shall have; a number may occur more than once.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number that is no image's.</exception>
    public ImageSubset(IImageSource source, IEnumerable<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(indices);
        (this.source, this.indices) = (source, [.. indices]);
        foreach (int index in this.indices)
            if ((uint)index >= (uint)source.Count) throw SourceChecks.NoImage(index, source.Count, source.Name, nameof(indices));
    }

    private ImageSubset(IImageSource source, int[] indices, string note)
        : this(source, indices) => this.note = note;

    /// <inheritdoc/>
    public string Name => source.Name;

    /// <inheritdoc/>
    (int Width, int Height)? IImageSet.ImageSize => source.ImageSize;

    /// <inheritdoc/>
    public int Count => indices.Length;

    /// <inheritdoc/>
    public int Channels => source.Channels;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => source.Classes;

    /// <summary>The whole source's: an image that cannot be read is one error, whichever subset met it.</summary>
    public SourceErrors Errors => source.Errors;

    /// <summary>The whole source's, and of a share how many images it has.</summary>
    IEnumerable<string> IImageSet.Notes => note is null ? source.Notes : source.Notes.Append(note);

    /// <summary>Some images, spread evenly over a source: those of a folder lie class by class.</summary>
    /// <param name="source">All images.</param>
    /// <param name="count">How many, at least 0; all where there are fewer.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative count.</exception>
    public static ImageSubset Spread(IImageSource source, int count)
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
    public static ImageSubset Share(IImageSource source, double share, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        int[] labels = [.. Enumerable.Range(0, source.Count).Select(index => source.Label(index) ?? source.Classes.Count)];
        int[] chosen = StratifiedSample.Choose(labels, share, seed);
        string each = source.Classes.Count > 0 ? " of each class" : "";
        string counts = Invariant($"{chosen.Length:N0} of {source.Count:N0} images");
        return new(source, chosen, Invariant($"a share of {share}{each}, drawn by seed {seed}: {counts}"));
    }

    /// <summary>Splits a labelled source class by class: every n-th image of each class into the second part, the others into the first.
    /// Images without a label go into the first.</summary>
    /// <param name="source">All images.</param>
    /// <param name="everyNth">n, at least 2: 5 holds out a fifth of every class.</param>
    /// <exception cref="ArgumentOutOfRangeException">n below 2.</exception>
    public static (ImageSubset Kept, ImageSubset HeldOut) Split(IImageSource source, int everyNth)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(everyNth, 2);
        List<int> kept = [], heldOut = [];
        int[] met = new int[source.Classes.Count];
        for (int index = 0; index < source.Count; index++)
            (source.Label(index) is { } label && ++met[label] % everyNth == 0 ? heldOut : kept).Add(index);
        return (new ImageSubset(source, kept), new ImageSubset(source, heldOut));
    }

    /// <inheritdoc/>
    public int? Label(int index) => source.Label(At(index));

    /// <inheritdoc/>
    public void Read(int index, ImageBuffer into) => source.Read(At(index), into);

    /// <inheritdoc/>
    public string Locate(int index) => source.Locate(At(index));

    private int At(int index) =>
        (uint)index < (uint)Count ? indices[index] : throw SourceChecks.NoImage(index, Count, $"The subset of {Name}");
}
