using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Opens a data set by its path alone: what lies there decides how it is read.</summary>
/// <remarks>
/// <para>In this order: a <c>.tar</c> file, a pattern such as <c>train-{000..146}.tar</c> or a folder of <c>.tar</c> files
/// (<see cref="TarShards"/>); a file or folder of the MNIST family (<see cref="IdxImages"/>); CIFAR's binary files, in the folder or in the
/// archive's own below it (<see cref="CifarBinary"/>); a folder of images (<see cref="ImageFolder"/>).</para>
/// <para>A folder names its parts when it holds both, <c>train</c> and one of <c>test</c>, <c>val</c>, <c>valid</c> or <c>validation</c>
/// (in this order): as folders of images, as beginnings of the shards' names, or as the files of the MNIST family and CIFAR. Then one part
/// is opened; else everything is, whichever part was asked for.</para>
/// </remarks>
public static partial class ImageSources
{
    private static readonly string[] TestNames = ["test", "val", "valid", "validation"];

    /// <summary>Opens a data set, or the part of it that its names tell.</summary>
    /// <param name="path">A file, a folder or a pattern of shards.</param>
    /// <param name="split">The part to open where the data set names its parts.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>An <see cref="IImageSource"/> or, for shards, an <see cref="IImageStream"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the pattern is none.</exception>
    /// <exception cref="FileNotFoundException">Nothing lies there that can be read as images; the message says what can.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IImageSet Open(string path, ImageSplit split = ImageSplit.Train, ImageSourcesOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        SourceChecks.Split(split);
        options ??= new ImageSourcesOptions();
        if (ShardsAt(path) is { } shards)
            return new TarShards(ShardParts(path) is { } parts ? Part(parts, split) : shards, options.Shards, options.Decoder);
        if (File.Exists(path)) return OpenFile(path);
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"{path}: no such file or folder; expected {Expected}.");
        if (HasIdx(path, ImageSplit.Train) || HasIdx(path, ImageSplit.Test))
            return OpenIdx(path, HasIdx(path, split) ? split : Other(split));
        if (CifarBinary.IsIn(path, ImageSplit.Train) || CifarBinary.IsIn(path, ImageSplit.Test))
            return CifarBinary.Load(path, CifarBinary.IsIn(path, split) ? split : Other(split), options.CoarseLabels);
        return new ImageFolder(FolderParts(path) is { } folders ? Part(folders, split) : path, options.Folder, options.Decoder);
    }

    /// <summary>Whether a data set names a part to learn from and one to be judged by; false too where nothing lies there.</summary>
    /// <param name="path">A file, a folder or a pattern of shards.</param>
    public static bool HasSplits(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!Directory.Exists(path)) return false;
        return ShardsAt(path) is not null ? ShardParts(path) is not null
            : (HasIdx(path, ImageSplit.Train) && HasIdx(path, ImageSplit.Test))
            || (CifarBinary.IsIn(path, ImageSplit.Train) && CifarBinary.IsIn(path, ImageSplit.Test))
            || FolderParts(path) is not null;
    }

    private const string Expected =
        "a folder of images (a folder for each class, or train and val), files of the MNIST family, CIFAR's binary files, or tar shards";

    private static ImageSplit Other(ImageSplit split) => split == ImageSplit.Train ? ImageSplit.Test : ImageSplit.Train;

    private static string Part((string Train, string Test) parts, ImageSplit split) => split == ImageSplit.Train ? parts.Train : parts.Test;

    /// <summary>The pattern of the shards that a path means; null where it means none.</summary>
    private static string? ShardsAt(string path)
    {
        if (Directory.Exists(path)) return ShardPattern.Files(path, "*.tar").Any() ? path : null;
        if (File.Exists(path)) return IsTar(path) ? path : null;
        return IsTar(path) || path.AsSpan().ContainsAny('{', '*') ? path : null;
    }

    private static bool IsTar(string path) => path.EndsWith(".tar", StringComparison.OrdinalIgnoreCase);

    private static (string Train, string Test)? ShardParts(string path)
    {
        if (!Directory.Exists(path) || !ShardPattern.Files(path, "train*.tar").Any()) return null;
        string? test = TestNames.FirstOrDefault(name => ShardPattern.Files(path, $"{name}*.tar").Any());
        return test is null ? null : (Path.Combine(path, "train*.tar"), Path.Combine(path, $"{test}*.tar"));
    }

    private static (string Train, string Test)? FolderParts(string path)
    {
        string train = Path.Combine(path, "train");
        string? test = TestNames.Select(name => Path.Combine(path, name)).FirstOrDefault(Directory.Exists);
        return test is not null && Directory.Exists(train) ? (train, test) : null;
    }

    private static bool HasIdx(string folder, ImageSplit split) =>
        Directory.EnumerateFiles(folder, split == ImageSplit.Train ? "train-images?idx3-ubyte*" : "t10k-images?idx3-ubyte*").Any();

    private static IdxImages OpenIdx(string folder, ImageSplit split) =>
        Named(folder, names => IdxImages.Load(folder, split, names));

    private static IdxImages OpenFile(string path)
    {
        if (!Path.GetFileName(path).Contains("idx3-ubyte", StringComparison.Ordinal))
            throw new FileNotFoundException($"{path} is a file of an unknown kind; expected {Expected}.", path);
        string labels = Path.Combine(Path.GetDirectoryName(path) ?? "", Path.GetFileName(path)
            .Replace("images", "labels", StringComparison.Ordinal).Replace("idx3", "idx1", StringComparison.Ordinal));
        return Named(path, names => IdxImages.Load(path, labels != path && File.Exists(labels) ? labels : null, names));
    }

    /// <summary>The format has no class names; a path that says Fashion-MNIST lends them.</summary>
    private static IdxImages Named(string path, Func<IReadOnlyList<string>?, IdxImages> load) =>
        load(Path.GetFullPath(path).Contains("fashion", StringComparison.OrdinalIgnoreCase) ? IdxImages.FashionMnistClasses : null);
}

/// <summary>The parts that a data set may come in.</summary>
public enum ImageSplit
{
    /// <summary>The images to learn from: folders and shards named <c>train</c>, the MNIST family's <c>train-…</c>, CIFAR's
    /// <c>data_batch_1.bin</c> … <c>data_batch_5.bin</c> or <c>train.bin</c>.</summary>
    Train,

    /// <summary>The images to be judged by: folders and shards named <c>test</c>, <c>val</c>, <c>valid</c> or <c>validation</c>, the MNIST
    /// family's <c>t10k-…</c>, CIFAR's <c>test_batch.bin</c> or <c>test.bin</c>.</summary>
    Test,
}

/// <summary>How <see cref="ImageSources"/> reads what it finds; each property counts for one kind of data.</summary>
public sealed record ImageSourcesOptions
{
    /// <summary>For folders of images; null, the default: <see cref="ImageFolderOptions"/>' defaults.</summary>
    public ImageFolderOptions? Folder { get; init; }

    /// <summary>For tar shards; null, the default: <see cref="TarShardsOptions"/>' defaults.</summary>
    public TarShardsOptions? Shards { get; init; }

    /// <summary>Whether CIFAR-100's twenty superclasses count instead of its hundred classes; nothing else has coarse labels. Default
    /// false.</summary>
    public bool CoarseLabels { get; init; }

    /// <summary>From files to pixels, for folders and shards; null, the default: <see cref="ImageDecoder.Default"/>.</summary>
    public IImageDecoder? Decoder { get; init; }
}
