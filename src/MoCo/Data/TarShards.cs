using MoCo.Data.Folders;
using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in tar files in WebDataset's layout, read as a stream in constant memory.</summary>
/// <remarks>
/// <para>Consecutive entries with the same name up to the first dot are one sample: an image (<see cref="TarShardsOptions.Extensions"/>)
/// and, where there is one, its label (<see cref="TarShardsOptions.LabelExtensions"/>): a decimal number, or JSON with a number field
/// "label" or "cls". A name that comes a second time begins another sample. Other entries, links and sparse files among them, are passed
/// over. Images without labels, labels without images and names passed over are counted and told by name. Tar's old, ustar, GNU and pax
/// forms are read, plain, not compressed, up to the archive's end; another archive behind it is recorded as an error.</para>
/// <para>In each epoch the shards are shuffled and laid end to end. Every rank yields the next <see cref="Count"/> / ranks images: whole
/// shards, and of the two at the ends of its part its share alone, past the others' images by their headers. So, where all ranks see the
/// same files, for any number of shards of any sizes no image is repeated, and only the remainder of the division is left out: fewer
/// images than ranks, with shuffling others in every epoch. A shard that has lost images since they were counted is recorded in
/// <see cref="Errors"/>, and the ranks that miss them start over; what it gained is left out.</para>
/// <para>Where the number of images was given (<see cref="TarShardsOptions.ImagesPerEpoch"/>), nobody knows the shards' sizes: they are
/// dealt in turn, and those that do not go round evenly image by image. A rank whose shards hold fewer than its images starts over, one
/// whose shards hold more leaves the rest out until another epoch deals otherwise; only with shards of the same size no image is left out
/// or repeated.</para>
/// <para>A damaged shard is read up to the damage, which is recorded in <see cref="Errors"/>; then the next follows. Every member may be
/// called by many threads at once.</para>
/// </remarks>
public sealed class TarShards : IImageStream
{
    private readonly TarShardsOptions options;
    private readonly IImageDecoder decoder;
    private readonly ShardSet set;
    private readonly ShardTally? tally;

    /// <summary>Finds shards by a pattern.</summary>
    /// <param name="pattern">Files such as <c>train-{000000..000146}.tar</c>; also lists <c>{a,b}</c>, <c>*</c> and <c>?</c> in the file's
    /// name, or a folder of .tar files.</param>
    /// <param name="options">How they are read; null: the defaults.</param>
    /// <param name="decoder">From files to pixels; null: <see cref="ImageDecoder.Default"/>.</param>
    /// <exception cref="ArgumentException">The pattern is none, or an option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A shard does not exist.</exception>
    /// <exception cref="InvalidDataException">The first shard is compressed, or none holds an image.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public TarShards(string pattern, TarShardsOptions? options = null, IImageDecoder? decoder = null)
        : this([pattern], options, decoder)
    {
    }

    /// <summary>Finds shards by several patterns.</summary>
    /// <param name="patterns">Each as in the other constructor; their shards follow each other.</param>
    /// <param name="options">How they are read; null: the defaults.</param>
    /// <param name="decoder">From files to pixels; null: <see cref="ImageDecoder.Default"/>.</param>
    /// <exception cref="ArgumentException">A pattern is none, or an option is out of range.</exception>
    /// <exception cref="FileNotFoundException">A shard does not exist.</exception>
    /// <exception cref="InvalidDataException">The first shard is compressed, or none holds an image.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public TarShards(IReadOnlyList<string> patterns, TarShardsOptions? options = null, IImageDecoder? decoder = null)
    {
        ArgumentNullException.ThrowIfNull(patterns);
        this.options = options ?? new TarShardsOptions();
        this.options.Validate();
        this.decoder = decoder ?? ImageDecoder.Default;
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
                    + $"({nameof(TarShardsOptions)}.{nameof(TarShardsOptions.Extensions)} says which)";
            string errors = string.Concat(Errors.First.Take(3).Select(error => $"; {$"{error}".TrimEnd('.')}"));
            throw new InvalidDataException($"{Name}: no image in {Counted.Of(set.Paths.Length, "shard")}{errors}{passed}.");
        }
        if (this.options.Classes is null) Classes = SourceChecks.NumberedClasses(tally.HighestLabel + 1);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public int Channels => 3;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public SourceErrors Errors { get; } = new();

    /// <summary>The shards' files, in their order.</summary>
    internal IReadOnlyList<string> Shards => set.Paths.AsReadOnly();

    /// <inheritdoc/>
    IEnumerable<string> IImageSet.Notes =>
    [
        $"{Counted.Of(set.Paths.Length, "shard")}, shuffle buffer of {Counted.Of(options.ShuffleBuffer, "image")}",
        .. tally?.Notes() ?? ["the number of images was given, not counted"],
    ];

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A negative epoch or skip, or a rank that is not below the ranks.</exception>
    /// <exception cref="IOException">A shard cannot be read.</exception>
    public IImageStreamReader Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip)
    {
        SourceChecks.StreamPart(epoch, rank, ranks, skip);
        ShardPart part = ShardPart.Of(set.Paths.Length, tally?.Images, seed, epoch, shuffle, rank, ranks);
        SampleRandom random = ShardReader.RandomFor(seed, epoch, rank);
        return new ShardReader(set, part, shuffle ? options.ShuffleBuffer : 1, random, Count / ranks, skip);
    }

    /// <inheritdoc/>
    public void Decode(EncodedImage image, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(into);
        decoder.Decode(image.Bytes, into);
    }
}

/// <summary>How <see cref="TarShards"/> are read.</summary>
public sealed record TarShardsOptions
{
    private const int LongestBuffer = 1 << 24, MostLabelExtensions = 64;

    /// <summary>What follows the first dot of an image's name, in lower case with that dot (upper case counts too), such as
    /// <c>.input.jpg</c>. Default: as of <see cref="ImageFolderOptions.Extensions"/>.</summary>
    public IReadOnlyList<string> Extensions { get; init => field = OptionList<string>.Of(value); }
        = OptionList<string>.Of(ImageExtensions.Default);

    /// <summary>What follows the first dot of a label's name, as above; of several labels of an image the first named counts. Those that
    /// end with .json are JSON, all others a decimal number. Default: .cls and .json; at most 64.</summary>
    public IReadOnlyList<string> LabelExtensions { get; init => field = OptionList<string>.Of(value); }
        = OptionList<string>.Of(".cls", ".json");

    /// <summary>The class names by label. Default null: where the images are counted, the numbers up to the highest label; else none are
    /// named.</summary>
    public IReadOnlyList<string>? Classes { get; init => field = value is null ? null : OptionList<string>.Of(value); }

    /// <summary>Images in an epoch, over all ranks. Default null: all of them, counted in one pass over the headers when the source is made
    /// (some milliseconds for a shard in the system's cache, one small read for each entry otherwise). Give the number where shards are
    /// many, of the same size if there are several ranks.</summary>
    public long? ImagesPerEpoch { get; init; }

    /// <summary>Images among which the next is drawn. Default 1,000, 1 (shards are shuffled, images in them are not) … 16,777,216. Each
    /// takes 24 bytes; the images themselves wait in the system's file cache.</summary>
    public int ShuffleBuffer { get; init; } = 1_000;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(TarShardsOptions))
        .Check(Extensions is { Count: > 0 }, Extensions, "at least one ending, such as .jpg")
        .Check(LabelExtensions is { Count: <= MostLabelExtensions }, LabelExtensions, $"0 to {MostLabelExtensions} endings")
        .Check(Extensions?.Any(ImageExtensions.IsImpossible) != true, Extensions, ImageExtensions.Possible)
        .Check(LabelExtensions?.Any(ImageExtensions.IsImpossible) != true, LabelExtensions, ImageExtensions.Possible)
        .Check(Classes is not { Count: 0 }, Classes, "at least one name, or null")
        .Check(ImagesPerEpoch is null or >= 1, ImagesPerEpoch, "1 or more, or null")
        .Check(ShuffleBuffer is >= 1 and <= LongestBuffer, ShuffleBuffer, $"1 to {LongestBuffer}")
        .ThrowIfAny();
}
