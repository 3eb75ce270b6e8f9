namespace MoCo.Data;

/// <content>Sources of one kind, whatever else their path may mean.</content>
public static partial class ImageSources
{
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
}
