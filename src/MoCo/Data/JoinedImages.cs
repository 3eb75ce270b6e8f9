using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Several sources as one: their images one source after the other, their classes merged by name.</summary>
/// <remarks>The classes of the first source keep their labels; those that it lacks follow in the order in which the others have them.
/// Images of a source without classes have no label.</remarks>
internal sealed class JoinedImages : IImageSource
{
    private readonly IImageSource[] sources;
    private readonly int[] ends;
    private readonly int[][] labels;

    /// <summary>Joins sources.</summary>
    /// <param name="sources">One or more, in order, all of the same channels.</param>
    /// <exception cref="ArgumentException">No source, sources of other channels than the first, or more than 2³¹ − 1 images.</exception>
    public JoinedImages(params IReadOnlyList<IImageSource> sources)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0) throw new ArgumentException("No source was given; expected one or more.", nameof(sources));
        this.sources = [.. sources];
        Channels = sources[0].Channels;
        if (Array.Find(this.sources, source => source.Channels != Channels) is { } other)
        {
            throw new ArgumentException(
                $"{other.Name} has images of {Counted.Of(other.Channels, "channel")}, {sources[0].Name} of {Channels}; expected the same.",
                nameof(sources));
        }
        if (this.sources.Sum(source => (long)source.Count) is > int.MaxValue and long all)
            throw new ArgumentException($"The sources have {all} images together; at most {int.MaxValue} are possible.", nameof(sources));
        Name = string.Join(" and ", this.sources.Select(source => source.Name));
        ends = new int[this.sources.Length];
        for (int i = 0; i < ends.Length; i++) ends[i] = Count += this.sources[i].Count;
        string[] classes = [.. this.sources.SelectMany(source => source.Classes).Distinct()];
        Dictionary<string, int> numbers = classes.Index().ToDictionary(name => name.Item, name => name.Index);
        labels = [.. this.sources.Select(source => source.Classes.Select(name => numbers[name]).ToArray())];
        Classes = Array.AsReadOnly(classes);
    }

    public string Name { get; }

    public int Count { get; }

    public int Channels { get; }

    (int Width, int Height)? IImageSet.ImageSize
        => sources.All(source => source.ImageSize == sources[0].ImageSize) ? sources[0].ImageSize : null;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    IEnumerable<string> IImageSet.Notes => sources.SelectMany(source =>
        source.Notes.Prepend(Counted.Of(source.Count, "image")).Select(note => $"{source.Name}: {note}"));

    public int? Label(int index)
    {
        (int source, int image) = Place(index);
        return sources[source].Label(image) is { } label ? labels[source][label] : null;
    }

    public void Read(int index, ImageBuffer into)
    {
        (int source, int image) = Place(index);
        sources[source].Read(image, into);
    }

    public string Locate(int index)
    {
        (int source, int image) = Place(index);
        return sources[source].Locate(image);
    }

    private (int Source, int Image) Place(int index) => SourceChecks.Place(index, ends, Name);
}
