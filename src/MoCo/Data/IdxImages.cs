using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Grey images in the IDX format of the MNIST family (MNIST, Fashion-MNIST, KMNIST), held in memory.</summary>
internal sealed class IdxImages : IImageSource
{
    private readonly byte[] pixels;
    private readonly byte[]? labels;

    private IdxImages(string name, int[] dimensions, byte[] pixels, byte[]? labels, IReadOnlyList<string> classes)
    {
        (Name, Classes, this.pixels, this.labels) = (name, classes, pixels, labels);
        (Count, Height, Width) = (dimensions[0], dimensions[1], dimensions[2]);
    }

    /// <summary>The ten classes of Fashion-MNIST, in the order of its labels.</summary>
    public static IReadOnlyList<string> FashionMnistClasses { get; } = Array.AsReadOnly<string>(
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]);

    public string Name { get; }

    public int Count { get; }

    /// <summary>Rows of every image.</summary>
    internal int Height { get; }

    /// <summary>Columns of every image.</summary>
    internal int Width { get; }

    (int Width, int Height)? IImageSet.ImageSize => (Width, Height);

    public int Channels => 1;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    /// <summary>Loads a split from a folder that holds the files under their usual names: <c>train-images-idx3-ubyte</c>,
    /// <c>train-labels-idx1-ubyte</c>, <c>t10k-…</c>, also spelled <c>train-images.idx3-ubyte</c>, each also with <c>.gz</c>.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="split">Training or test images.</param>
    /// <param name="classes">Names of the classes by label; null: the labels' numbers.</param>
    /// <returns>The images; without labels where the folder has no labels file.</returns>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks the images.</exception>
    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    public static IdxImages Load(string folder, ImageSplit split, IReadOnlyList<string>? classes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such folder; expected the files of a data set of the MNIST family in it.");

        string prefix = split == ImageSplit.Train ? "train" : "t10k";
        List<string> images = Spellings($"{prefix}-images", 3).Select(name => Path.Combine(folder, name)).ToList();
        string found = images.Find(File.Exists) ?? throw new FileNotFoundException(
            $"{folder}: expected {string.Join(" or ", Spellings($"{prefix}-images", 3))}, found none of them.", images[0]);
        string? labels = Spellings($"{prefix}-labels", 1).Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return Load(found, labels, classes);
    }

    /// <summary>Loads images, and labels where there are some, from two files.</summary>
    /// <param name="imagesFile">An IDX file of N×H×W unsigned bytes, gzip or not.</param>
    /// <param name="labelsFile">An IDX file of N unsigned bytes; null: no labels.</param>
    /// <param name="classes">Names of the classes by label; null: the labels' numbers.</param>
    /// <returns>The images.</returns>
    /// <exception cref="FileNotFoundException">A file does not exist.</exception>
    /// <exception cref="InvalidDataException">A file is not what was expected, or they do not agree.</exception>
    public static IdxImages Load(string imagesFile, string? labelsFile = null, IReadOnlyList<string>? classes = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(imagesFile);
        RequireFile(imagesFile, "an IDX file of images");
        if (labelsFile is null)
        {
            (int[] shape, byte[] unlabelled) = IdxFile.Read(imagesFile, 3, "images");
            return new IdxImages(imagesFile, shape, unlabelled, null, []);
        }
        RequireFile(labelsFile, "an IDX file of labels");
        // The small file first: a wrong pair of files fails before the large one is unpacked.
        (int[] counts, byte[] labels) = IdxFile.Read(labelsFile, 1, "labels");
        IReadOnlyList<string> names = ClassNames(labelsFile, labels, classes);
        (int[] dimensions, byte[] pixels) = IdxFile.Read(imagesFile, 3, "images");
        if (counts[0] != dimensions[0])
        {
            throw new InvalidDataException(
                $"{labelsFile}: expected {dimensions[0]} labels, one for each image of {imagesFile}, found {counts[0]}.");
        }
        return new IdxImages(imagesFile, dimensions, pixels, labels, names);
    }

    public int? Label(int index)
    {
        SourceChecks.Index(index, Count, Name);
        return labels?[index];
    }

    public void Read(int index, ImageBuffer into)
    {
        SourceChecks.Index(index, Count, Name);
        ArgumentNullException.ThrowIfNull(into);
        into.Resize(Width, Height, 1);
        int size = Width * Height;
        pixels.AsSpan((int)((long)index * size), size).CopyTo(into.Pixels);
    }

    private static string[] Spellings(string stem, int dimensions) =>
    [
        $"{stem}-idx{dimensions}-ubyte", $"{stem}-idx{dimensions}-ubyte.gz",
        $"{stem}.idx{dimensions}-ubyte", $"{stem}.idx{dimensions}-ubyte.gz",
    ];

    private static void RequireFile(string path, string what)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; expected {what}.", path);
    }

    private static IReadOnlyList<string> ClassNames(string labelsFile, byte[] labels, IReadOnlyList<string>? classes)
    {
        byte highest = labels.Max();
        if (classes is null) return SourceChecks.NumberedClasses(highest + 1);
        return highest < classes.Count ? Array.AsReadOnly([.. classes]) : throw new InvalidDataException($"{labelsFile}: expected labels "
            + $"0 to {classes.Count - 1} for {classes.Count} class names, found {highest} at image {Array.IndexOf(labels, highest)}.");
    }
}
