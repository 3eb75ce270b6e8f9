using MoCo.Data.Folders;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>How images and their labels are read from where they lie. Each source takes what concerns it and leaves the rest.</summary>
public sealed record SourceOptions
{
    private const int LongestBuffer = 1 << 24, MostLabelExtensions = 64;

    /// <summary>The class names by label. In folders, lists and archives other classes are left out, and a class without an image stays
    /// one: give a test set those of its training set, so that labels agree. Default null: the first-level folders that hold an image, or
    /// a list's labels, in the order of their code points; the metadata's of Parquet files; else the numbers up to the highest label. The
    /// files of CIFAR and the MNIST family have their own.</summary>
    public IReadOnlyList<string>? Classes { get; init => field = value is null ? null : OptionList<string>.Of(value); }

    /// <summary>The endings of names that make a file an image, in lower case with the dot (upper case counts too); in shards all that
    /// follows a name's first dot, such as <c>.input.jpg</c>. Default: .jpg, .jpeg, .png, .ppm, .bmp, .pgm, .tif, .tiff, .webp
    /// (torchvision's) and .gif. The content decides at reading what it is.</summary>
    public IReadOnlyList<string> Extensions { get; init => field = OptionList<string>.Of(value); }
        = OptionList<string>.Of(ImageExtensions.Default);

    /// <summary>From files to pixels. Default null: <see cref="ImageDecoder.Default"/>.</summary>
    public ImageDecoder? Decoder { get; init; }

    /// <summary>Of folders, lists and archives: whether images have labels. True: the first-level folders are the classes, and images
    /// beside them are left out. False: every image at any depth belongs to the source, without a label. Default null: true where any
    /// first-level folder holds images or the list has labels, else false.</summary>
    public bool? Labels { get; init; }

    /// <summary>Of folders: takes each file once, whatever links lead to it (on Linux hard links too), so that no image is its own double.
    /// Default false, as torchvision; true costs a look at every file.</summary>
    public bool EachFileOnce { get; init; }

    /// <summary>Of CIFAR-100: whether its twenty superclasses count instead of its hundred classes. Default false.</summary>
    public bool CoarseLabels { get; init; }

    /// <summary>Of shards: what follows the first dot of a label's name, as above; of several labels of an image the first named counts.
    /// Those that end with .json are JSON, all others a decimal number. Default: .cls and .json; at most 64.</summary>
    public IReadOnlyList<string> LabelExtensions { get; init => field = OptionList<string>.Of(value); }
        = OptionList<string>.Of(".cls", ".json");

    /// <summary>Of Parquet files: the column of images. Default null: by the metadata of Hugging Face or its name.</summary>
    public string? ImageColumn { get; init; }

    /// <summary>Of Parquet files: the column of labels, such as <c>coarse_label</c>. Default null: by the metadata of Hugging Face or its
    /// name.</summary>
    public string? LabelColumn { get; init; }

    /// <summary>Of shards and Parquet files: images in an epoch, over all ranks. Default null: all of them, which in shards are counted in
    /// one pass over the headers when the source is made (some milliseconds for a shard in the system's cache, one small read for each
    /// entry otherwise). Give the number where shards are many, of the same size if there are several ranks.</summary>
    public long? ImagesPerEpoch { get; init; }

    /// <summary>Of shards and Parquet files: images among which the next is drawn. Default 1,000, 1 (shards and row groups are shuffled,
    /// images in them are not) … 16,777,216. An image of a shard takes 24 bytes there and waits in the system's file cache; of a Parquet
    /// file the image's file is held.</summary>
    public int ShuffleBuffer { get; init; } = 1_000;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">One or more properties are out of range; the message names them all.</exception>
    public void Validate() => new OptionErrors(nameof(SourceOptions))
        .Check(Extensions is { Count: > 0 }, Extensions, "at least one ending, such as .jpg")
        .Check(Extensions?.Any(ImageExtensions.IsImpossible) != true, Extensions, ImageExtensions.Possible)
        .Check(LabelExtensions is { Count: <= MostLabelExtensions }, LabelExtensions, $"0 to {MostLabelExtensions} endings")
        .Check(LabelExtensions?.Any(ImageExtensions.IsImpossible) != true, LabelExtensions, ImageExtensions.Possible)
        .Check(Classes is null or { Count: > 0 }, Classes, "at least one name, or null")
        .Check(Classes is null || Classes.Distinct().Count() == Classes.Count, Classes, "names that are all different")
        .Check(ImageColumn is not "", ImageColumn, "a column's name, or null")
        .Check(LabelColumn is not "", LabelColumn, "a column's name, or null")
        .Check(ImagesPerEpoch is null or >= 1, ImagesPerEpoch, "1 or more, or null")
        .Check(ShuffleBuffer is >= 1 and <= LongestBuffer, ShuffleBuffer, $"1 to {LongestBuffer}")
        .ThrowIfAny();
}
