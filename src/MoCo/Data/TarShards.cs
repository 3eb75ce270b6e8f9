using MoCo.Data.Folders;
using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in tar files in WebDataset's layout, read as a stream in constant memory.</summary>
/// <remarks>
/// <para>Consecutive entries with the same name up to the first dot are one sample: an image (<see cref="SourceOptions.Extensions"/>)
/// and, where there is one, its label (<see cref="SourceOptions.LabelExtensions"/>): a decimal number, or JSON with a number field
/// "label" or "cls". A name that comes a second time begins another sample. Other entries, links and sparse files among them, are passed
/// over. Images without labels, labels without images and names passed over are counted and told by name. Tar's old, ustar, GNU and pax
/// forms are read, plain, not compressed, up to the archive's end; another archive behind it is recorded as an error.</para>
/// <para>In each epoch the shards are shuffled and laid end to end. Every rank yields the next <see cref="Count"/> / ranks images: whole
/// shards, and of the two at the ends of its part its share alone, past the others' images by their headers. So, where all ranks see the
/// same files, for any number of shards of any sizes no image is repeated, and only the remainder of the division is left out: fewer
/// images than ranks, with shuffling others in every epoch. A shard that has lost images since they were counted is recorded in
/// <see cref="Errors"/>, and the ranks that miss them start over; what it gained is left out.</para>
/// <para>Where the number of images was given (<see cref="SourceOptions.ImagesPerEpoch"/>), nobody knows the shards' sizes: they are
/// dealt in turn, and those that do not go round evenly image by image. A rank whose shards hold fewer than its images starts over, one
/// whose shards hold more leaves the rest out until another epoch deals otherwise; only with shards of the same size no image is left out
/// or repeated.</para>
/// <para>A damaged shard is read up to the damage, which is recorded in <see cref="Errors"/>; then the next follows. Every member may be
/// called by many threads at once.</para>
/// </remarks>
internal sealed class TarShards : IImageStream
{
    private readonly SourceOptions options;
    private readonly ImageDecoder decoder;
    private readonly ShardSet set;
    private readonly ShardTally? tally;

    /// <summary>Finds shards by a pattern, as below.</summary>
    public TarShards(string pattern, SourceOptions? options = null)
        : this([pattern], options)
    {
    }

    /// <summary>Finds shards by several patterns.</summary>
    /// <param name="patterns">Each means files such as <c>train-{000000..000146}.tar</c>; also lists <c>{a,b}</c>, <c>*</c> and <c>?</c>
    /// in the file's name, or a folder of .tar files; their shards follow each other.</param>
    /// <param name="options">How they are read; null: the defaults.</param>
    /// <exception cref="ArgumentException">A pattern is none, or an option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A shard does not exist.</exception>
    /// <exception cref="InvalidDataException">The first shard is compressed, or none holds an image.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public TarShards(IReadOnlyList<string> patterns, SourceOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        this.options = options ?? new SourceOptions();
        this.options.Validate();
        decoder = this.options.Decoder ?? ImageDecoder.Default;
        Name = string.Join(" ", patterns);
        ImageExtensions images = new(this.options.Extensions), labels = new(this.options.LabelExtensions);
        int classes = this.options.Classes?.Count ?? ShardSet.MostUnnamedClasses;
        set = new ShardSet(ShardPattern.Find(patterns, ".tar"), images, labels, classes, Errors);
        ShardCensus.RefuseCompressed(set);
        Classes = this.options.Classes is { } names ? Array.AsReadOnly([.. names]) : Array.AsReadOnly<string>([]);
        if (this.options.ImagesPerEpoch is { } given)
        {
            Count = given;
            return;
        }
        tally = ShardCensus.Take(set);
        Count = tally.Images.Sum();
        if (Count == 0)
        {
            string passed = tally.PassedOver.Count == 0 ? ""
                : $"; passed over {tally.PassedOver}, expected names that end with {images} "
                    + $"({nameof(SourceOptions)}.{nameof(SourceOptions.Extensions)} says which)";
            string errors = string.Concat(Errors.First.Take(3).Select(error => $"; {$"{error}".TrimEnd('.')}"));
            throw new InvalidDataException($"{Name}: no image in {Counted.Of(set.Paths.Length, "shard")}{errors}{passed}.");
        }
        if (this.options.Classes is null) Classes = SourceChecks.NumberedClasses(tally.HighestLabel + 1);
    }

    public string Name { get; }

    public long Count { get; }

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    /// <summary>The shards' files, in their order.</summary>
    internal IReadOnlyList<string> Shards => set.Paths.AsReadOnly();

    IEnumerable<string> IImageSet.Notes =>
    [
        $"{Counted.Of(set.Paths.Length, "shard")}, shuffle buffer of {Counted.Of(options.ShuffleBuffer, "image")}",
        .. tally?.Notes() ?? ["the number of images was given, not counted"],
    ];

    public IEnumerator<EncodedImage> Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
    {
        SourceChecks.StreamPart(epoch, rank, ranks, skip);
        ShardPart part = ShardPart.Of(set.Paths.Length, tally?.Images, seed, epoch, shuffle, rank, ranks);
        SampleRandom random = ShardReader.RandomFor(seed, epoch, rank);
        return new ShardReader(set, part, shuffle ? options.ShuffleBuffer : 1, random, Count / ranks, skip);
    }

    public void Decode(EncodedImage image, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(into);
        decoder.Decode(image.Bytes, into);
    }
}
