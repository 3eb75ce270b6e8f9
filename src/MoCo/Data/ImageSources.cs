using MoCo.Data.Folders;
using MoCo.Data.Shards;

namespace MoCo.Data;

/// <summary>Opens a data set by its path alone: what lies there decides how it is read.</summary>
/// <remarks>
/// <para>In this order: a <c>.tar</c> file, a pattern such as <c>train-{000..146}.tar</c> or a folder of <c>.tar</c> files in WebDataset's
/// layout, and the same of <c>.parquet</c> files as Hugging Face has them, in the folder or in <c>data</c> below it, both read as a stream
/// (<see cref="IImageStream"/>); all else is read by number (<see cref="IImageSource"/>): a <c>.csv</c> file that lists images; a
/// <c>.zip</c> archive of them; a file or folder of the MNIST family; CIFAR's binary files, in the folder or in the archive's own below
/// it; a folder of images (<see cref="OpenFolder"/>).</para>
/// <para>Shards: consecutive entries with the same name up to the first dot are one sample, an image
/// (<see cref="SourceOptions.Extensions"/>) and, where there is one, its label (<see cref="SourceOptions.LabelExtensions"/>). They are
/// shuffled in each epoch, and every rank has the next of all images: none is repeated. Where the number of images was given
/// (<see cref="SourceOptions.ImagesPerEpoch"/>), whole shards are dealt in turn, and only shards of the same size come out even. A damaged
/// one is read up to the damage.</para>
/// <para>Parquet files: a row is an image, its file's bytes in a column of bytes or of <c>{bytes, path}</c>, and its label in a column of
/// whole numbers, by Hugging Face's metadata or their names. Row groups are shuffled as shards are; memory is that of one, and of the
/// shuffle buffer.</para>
/// <para>Lists: <c>path</c> or <c>path,label</c> in each line, or columns by name (<c>path</c>, <c>image</c>, <c>file</c>,
/// <c>filename</c> or <c>file_name</c>; <c>label</c> or <c>class</c>); paths start at the list's folder. What is damaged is counted in
/// <see cref="IImageSet.Errors"/> in all of them, and every member may be called by many threads at once.</para>
/// <para>A folder names its parts when it holds both, <c>train</c> and one of <c>test</c>, <c>val</c>, <c>valid</c> or <c>validation</c>
/// (in this order): as folders of images (also in an archive), as beginnings of the shards' names, or as the files of the MNIST family and
/// CIFAR. Of Parquet files the order is the opposite one, since the test parts of Hugging Face's data sets often lack labels. Then one part
/// is opened; else everything is, whichever part was asked for.</para>
/// </remarks>
public static partial class ImageSources
{
    private const string Tar = ".tar", Parquet = ".parquet";

    private static readonly string[] TestNames = ["test", "val", "valid", "validation"];

    /// <summary>Opens a data set, or the part of it that its names tell.</summary>
    /// <param name="path">A file, a folder or a pattern of shards.</param>
    /// <param name="test">Whether to open the part to be judged by, where the data set names its parts; false: the part to learn
    /// from.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>An <see cref="IImageSource"/> or, for shards and Parquet files, an <see cref="IImageStream"/>.</returns>
    /// <exception cref="ArgumentException">An option is out of range, or the pattern is none.</exception>
    /// <exception cref="FileNotFoundException">Nothing lies there that can be read as images; the message says what can.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IImageSet Open(string path, bool test = false, SourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ImageSplit split = test ? ImageSplit.Test : ImageSplit.Train;
        options ??= new SourceOptions();
        if (StreamAt(path) is { } ending) return OpenStream(ending, [path], split, options);
        if (File.Exists(path))
        {
            return IsNamed(path, ".csv") ? new ImageList(path, options)
                : !IsZip(path) ? OpenFile(path)
                : new ZipImages(path, options, ZipParts(path, options) is { } inside ? Part(inside, split) : null);
        }
        if (!Directory.Exists(path)) throw new DirectoryNotFoundException($"{path}: no such file or folder; expected {Expected}.");
        if (HasIdx(path, ImageSplit.Train) || HasIdx(path, ImageSplit.Test))
            return IdxIn(path, HasIdx(path, split) ? split : Other(split));
        if (CifarBinary.IsIn(path, ImageSplit.Train) || CifarBinary.IsIn(path, ImageSplit.Test))
            return CifarBinary.Load(path, CifarBinary.IsIn(path, split) ? split : Other(split), options.CoarseLabels);
        return new ImageFolder(FolderParts(path) is { } folders ? Part(folders, split) : path, options);
    }

    /// <summary>Opens several data sets as one: shards or Parquet files as one stream, all else as <see cref="Join"/> does.</summary>
    /// <param name="paths">One or more, each as in the other method, in the order that the images shall have.</param>
    /// <param name="test">As in the other method, of those that name their parts.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <returns>An <see cref="IImageSource"/> or, for shards and Parquet files, an <see cref="IImageStream"/>.</returns>
    /// <exception cref="ArgumentException">No path, one that occurs twice, streams beside other data, images of other channels than the
    /// first ones, or what the other method throws it for.</exception>
    /// <exception cref="FileNotFoundException">Nothing lies there that can be read as images; the message says what can.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static IImageSet Open(IReadOnlyList<string> paths, bool test = false, SourceOptions? options = null)
    {
        CheckPaths(paths);
        if (paths.Count == 1) return Open(paths[0], test, options);
        if (paths.GroupBy(path => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)), StringComparer.Ordinal)
            .FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Key} was given twice; expected different data.", nameof(paths));
        string?[] streams = [.. paths.Select(StreamAt)];
        int other = Array.FindIndex(streams, ending => ending != streams[0]);
        if (other >= 0)
        {
            throw new ArgumentException(
                $"{paths[0]} is {Kind(streams[0])}, and {paths[other]} is {Kind(streams[other])}; expected streams of one kind, or none.",
                nameof(paths));
        }
        return streams[0] is { } kind ? OpenStream(kind, paths, test ? ImageSplit.Test : ImageSplit.Train, options ?? new())
            : new JoinedImages([.. paths.Select(path => (IImageSource)Open(path, test, options))]);

        static string Kind(string? ending) => ending is null ? "read by number" : $"a stream of {ending} files";
    }

    /// <summary>Several sources as one: their images one source after the other, their classes merged by name. The classes of the first
    /// keep their labels; those that it lacks follow in the order in which the others have them. Images of a source without classes have no
    /// label.</summary>
    /// <param name="sources">One or more, in order, all of the same channels.</param>
    /// <exception cref="ArgumentException">No source, sources of other channels than the first, or more than 2³¹ − 1 images.</exception>
    public static IImageSource Join(params IReadOnlyList<IImageSource> sources) => new JoinedImages(sources);

    /// <summary>Images in a folder and the folders below it, at any depth.</summary>
    /// <remarks>
    /// <para>Labels and order are those of torchvision's <c>ImageFolder</c>: the first-level folders are the classes, in the order of their
    /// names' code points; in each class, folders by their whole path, files by name. Unlike there, files and folders whose names begin
    /// with a dot are left out (other systems' thumbnails and notes, <c>._x.jpg</c>, the <c>.moco-index</c> of version 0.1), a folder is
    /// met only once in a class (so links cannot loop), and a first-level folder without any image (<c>__MACOSX</c>, a run's, an empty one)
    /// is no class instead of being an error. A part that lacks a class gets the labels of the whole by
    /// <see cref="SourceOptions.Classes"/>. All that is left out is counted, and folders that are no classes are told by name.</para>
    /// <para>The folder is looked through once, when the source is made; nothing is ever written into it. A file is an image by its name:
    /// one that is none, a broken link, a pipe or a device so named is met at reading (pipes and devices are never opened) and counts in
    /// <see cref="IImageSet.Errors"/>.</para>
    /// </remarks>
    /// <param name="path">The folder.</param>
    /// <param name="options">How it is read; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds no image.</exception>
    /// <exception cref="IOException">It cannot be read, or reading it or a folder below it failed in the middle.</exception>
    public static IImageSource OpenFolder(string path, SourceOptions? options = null) => new ImageFolder(path, options);

    /// <summary>Images, and labels where there are some, from two files of the MNIST family, whatever their names.</summary>
    /// <param name="imagesFile">An IDX file of N×H×W unsigned bytes, gzip or not.</param>
    /// <param name="labelsFile">An IDX file of N unsigned bytes; null: no labels.</param>
    /// <param name="classes">Names of the classes by label; null: the labels' numbers.</param>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not what was expected, or they do not agree.</exception>
    public static IImageSource OpenIdx(string imagesFile, string? labelsFile = null, IReadOnlyList<string>? classes = null) =>
        IdxImages.Load(imagesFile, labelsFile, classes);

    /// <summary>The images of a folder in a zip archive.</summary>
    /// <param name="path">The archive, which stays open until the source, an <see cref="IDisposable"/>, is disposed of.</param>
    /// <param name="folder">A first-level folder of the archive, such as <c>train</c>, whose images alone are read.</param>
    /// <param name="options">How it is read, as a folder would be; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">There is no such archive, or it holds no image there.</exception>
    /// <exception cref="InvalidDataException">It is damaged or no zip, or an image in it is encrypted or packed otherwise than
    /// deflated.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static IImageSource OpenZip(string path, string folder, SourceOptions? options = null) => new ZipImages(path, options, folder);

    /// <summary>Whether each of several data sets names both its parts.</summary>
    /// <param name="paths">One or more.</param>
    public static bool HasSplits(IReadOnlyList<string> paths)
    {
        CheckPaths(paths);
        return paths.All(HasSplits);
    }

    /// <summary>Whether two paths lead to one file, whatever links are on the way (on Linux hard links too): what
    /// <see cref="SourceOptions.EachFileOnce"/> goes by.</summary>
    /// <param name="path">A file.</param>
    /// <param name="other">Another, or the same.</param>
    public static bool IsSameFile(string path, string other)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentException.ThrowIfNullOrEmpty(other);
        return FileIdentity.Of(Path.GetFullPath(path)) == FileIdentity.Of(Path.GetFullPath(other));
    }

    /// <summary>Whether a data set names a part to learn from and one to be judged by; false too where nothing lies there.</summary>
    /// <param name="path">A file, a folder or a pattern of shards.</param>
    internal static bool HasSplits(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (IsZip(path)) return ZipParts(path, null) is not null;
        if (!Directory.Exists(path)) return false;
        return StreamAt(path) is { } ending ? StreamParts(path, ending) is not null
            : (HasIdx(path, ImageSplit.Train) && HasIdx(path, ImageSplit.Test))
            || (CifarBinary.IsIn(path, ImageSplit.Train) && CifarBinary.IsIn(path, ImageSplit.Test))
            || FolderParts(path) is not null;
    }

    private const string Expected = "a folder of images (a folder for each class, or train and val), a list (.csv) or an archive (.zip) "
        + "of images, files of the MNIST family, CIFAR's binary files, tar shards, or Parquet files";

    private static void CheckPaths(IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        if (paths.Count == 0) throw new ArgumentException("No data was named; expected one path or more.", nameof(paths));
        foreach (string path in paths) ArgumentException.ThrowIfNullOrWhiteSpace(path, nameof(paths));
    }

    private static ImageSplit Other(ImageSplit split) => split == ImageSplit.Train ? ImageSplit.Test : ImageSplit.Train;

    private static string Part((string Train, string Test) parts, ImageSplit split) => split == ImageSplit.Train ? parts.Train : parts.Test;

    /// <summary>The ending of the files that a path means as a stream; null where it means none.</summary>
    private static string? StreamAt(string path)
    {
        string[] endings = [Tar, Parquet];
        if (Directory.Exists(path)) return Array.Find(endings, ending => FilesIn(path, "*", ending).Any());
        string? named = Array.Find(endings, ending => IsNamed(path, ending));
        return named is null && !File.Exists(path) && path.AsSpan().ContainsAny('{', '*') ? Tar : named;
    }

    private static IImageStream OpenStream(string ending, IReadOnlyList<string> paths, ImageSplit split, SourceOptions options)
    {
        string[] patterns = [.. paths.Select(path => StreamParts(path, ending) is { } parts ? Part(parts, split)
            : Directory.Exists(path) ? FolderOf(path, ending) : path)];
        return ending == Tar ? new TarShards(patterns, options) : new ParquetImages(patterns, options);
    }

    private static (string Train, string Test)? StreamParts(string path, string ending)
    {
        if (!Directory.Exists(path) || !FilesIn(path, "train*", ending).Any()) return null;
        IEnumerable<string> names = ending == Parquet ? TestNames.Reverse() : TestNames;
        string? test = names.FirstOrDefault(name => FilesIn(path, $"{name}*", ending).Any());
        string folder = FolderOf(path, ending);
        return test is null ? null : (Path.Combine(folder, $"train*{ending}"), Path.Combine(folder, $"{test}*{ending}"));
    }

    private static IEnumerable<string> FilesIn(string folder, string name, string ending) =>
        ShardPattern.Files(FolderOf(folder, ending), name + ending);

    /// <summary>Hugging Face's repositories have their files in data.</summary>
    private static string FolderOf(string folder, string ending) =>
        ending == Parquet && !ShardPattern.Files(folder, $"*{ending}").Any() ? Path.Combine(folder, "data") : folder;

    private static bool IsNamed(string path, string ending) => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static (string Train, string Test)? FolderParts(string path)
    {
        string train = Path.Combine(path, "train");
        string? test = TestNames.Select(name => Path.Combine(path, name)).FirstOrDefault(Directory.Exists);
        return test is not null && Directory.Exists(train) ? (train, test) : null;
    }

    private static bool IsZip(string path) => IsNamed(path, ".zip") && File.Exists(path);

    private static (string Train, string Test)? ZipParts(string path, SourceOptions? options)
    {
        string[] folders = ZipImages.Folders(path, options);
        string? test = TestNames.FirstOrDefault(folders.Contains);
        return test is not null && folders.Contains("train") ? ("train", test) : null;
    }

    private static bool HasIdx(string folder, ImageSplit split) =>
        Directory.EnumerateFiles(folder, split == ImageSplit.Train ? "train-images?idx3-ubyte*" : "t10k-images?idx3-ubyte*").Any();

    private static IdxImages IdxIn(string folder, ImageSplit split) =>
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
internal enum ImageSplit
{
    /// <summary>The images to learn from: folders and shards named <c>train</c>, the MNIST family's <c>train-…</c>, CIFAR's
    /// <c>data_batch_1.bin</c> … <c>data_batch_5.bin</c> or <c>train.bin</c>.</summary>
    Train,

    /// <summary>The images to be judged by: folders and shards named <c>test</c>, <c>val</c>, <c>valid</c> or <c>validation</c>, the MNIST
    /// family's <c>t10k-…</c>, CIFAR's <c>test_batch.bin</c> or <c>test.bin</c>.</summary>
    Test,
}
