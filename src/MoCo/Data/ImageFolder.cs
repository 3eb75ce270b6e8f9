using MoCo.Data.Folders;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in a folder and the folders below it, at any depth.</summary>
/// <remarks>
/// <para>Labels and order are those of torchvision's <c>ImageFolder</c>: the first-level folders are the classes, in the order of their
/// names' code points; in each class, folders by their whole path, files by name. Unlike there, files and folders whose names begin with a
/// dot are left out (other systems' thumbnails and notes, <c>._x.jpg</c>, the <c>.moco-index</c> of version 0.1), a folder is met only
/// once in a class (so links cannot loop), and a first-level folder without any image (<c>__MACOSX</c>, a run's, an empty one) is no class
/// instead of being an error. A part that lacks a class gets the labels of the whole by <see cref="SourceOptions.Classes"/>. All that
/// is left out is counted, and folders that are no classes are told by name.</para>
/// <para>The folder is looked through once, when the source is made; nothing is ever written into it. A file is an image by its name: one
/// that is none, a broken link, a pipe or a device so named is met at reading (pipes and devices are never opened) and counts in
/// <see cref="Errors"/>. An image takes the bytes of its name and four more. Every member may be called by many threads at once.</para>
/// </remarks>
public sealed class ImageFolder : IImageSource
{
    private const int Named = 10;
    private const string OldIndex = ".moco-index";

    private readonly IReadOnlyList<ScannedFolder> folders;
    private readonly List<string> noClasses;
    private readonly int[] imageEnds;
    private readonly ImageDecoder decoder;
    private readonly ImageFiles files = new();

    /// <summary>Finds the images of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How it is read; null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds no image.</exception>
    /// <exception cref="IOException">It cannot be read, or reading it or a folder below it failed in the middle.</exception>
    public ImageFolder(string path, SourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SourceOptions();
        options.Validate();
        Name = path;
        FullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(FullPath)) throw new DirectoryNotFoundException($"{path}: no such folder; expected a folder of images.");
        decoder = options.Decoder ?? ImageDecoder.Default;

        ImageExtensions extensions = new(options.Extensions);
        FolderScan scan = new(FullPath, options, extensions);
        (folders, Ignored, Classes) = (scan.Folders, scan.Ignored, scan.Classes ?? []);
        noClasses = scan.Classes is null ? [] : scan.NoClasses;
        imageEnds = new int[folders.Count];
        for (int i = 0; i < imageEnds.Length; i++) imageEnds[i] = Count = checked(Count + folders[i].Images.Count);
        if (Count == 0)
        {
            string where = options.Labels == ImageFolderLabels.FirstFolder ? " in class folders" : "";
            throw new FileNotFoundException(
                $"{path}: no image found (left out: {Ignored}). Expected files that end with {extensions}{where} "
                + $"({nameof(SourceOptions)}.{nameof(SourceOptions.Extensions)} says which).");
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <inheritdoc/>
    public int Count { get; }

    /// <inheritdoc/>
    public int Channels => 3;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes { get; }

    /// <inheritdoc/>
    public SourceErrors Errors { get; } = new();

    /// <summary>What was met in the folder and left out.</summary>
    internal IgnoredFiles Ignored { get; }

    /// <inheritdoc/>
    IEnumerable<string> IImageSet.Notes
    {
        get
        {
            if (Ignored.Total > 0) yield return $"left out: {Ignored}";
            HashSet<int> filled = [.. folders.Select(folder => folder.Label)];
            string[] empty = [.. Classes.Where((_, label) => !filled.Contains(label))];
            if (empty.Length > 0) yield return $"classes without images: {Names(empty)}";
            if (noClasses.Count > 0)
                yield return $"folders that are no classes, since they have no images or are not among those named: {Names(noClasses)}";
            if (Directory.Exists(Path.Combine(FullPath, OldIndex)))
                yield return $"{OldIndex}, which version 0.1 wrote here, is not used any more and can be deleted; torchvision stops at it";
        }
    }

    /// <inheritdoc/>
    public int? Label(int index) => FolderOf(index, out _).Label is >= 0 and int label ? label : null;

    /// <inheritdoc/>
    public void Read(int index, ImageBuffer into) => files.Decode(decoder, into, file => ReadFileOnly(index, file));

    /// <summary>Reads an image's file undecoded, with its label.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the file.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    /// <exception cref="InvalidDataException">The file is empty, longer than a gigabyte, or a pipe, a socket or a device.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void ReadFile(int index, EncodedImage into)
    {
        ArgumentNullException.ThrowIfNull(into);
        ReadFileOnly(index, into);
        into.Label = Label(index);
    }

    /// <summary>The path of an image's file.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public string Locate(int index)
    {
        ScannedFolder folder = FolderOf(index, out int place);
        return Path.Combine(FullPath, folder.Path, folder.Images[place]);
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

    private static string Names(IReadOnlyList<string> names) => string.Join(", ", names.Take(Named))
        + (names.Count > Named ? Invariant($" and {names.Count - Named:N0} more") : "");

    private void ReadFileOnly(int index, EncodedImage into)
    {
        ScannedFolder folder = FolderOf(index, out int place);
        Span<byte> path = stackalloc byte[LinuxFile.LongestPath];
        bool isRead = LinuxFile.IsSupported && folder.TryWritePath(FullPath, place, path)
            && LinuxFile.TryRead(path, ImageFiles.MostBytes, into);
        if (!isRead) ImageFiles.Read(Locate(index), into);
    }

    private ScannedFolder FolderOf(int index, out int place)
    {
        (int folder, place) = SourceChecks.Place(index, imageEnds, Name);
        return folders[folder];
    }
}

/// <summary>What an <see cref="ImageFolder"/> met and left out.</summary>
/// <param name="Hidden">Files and folders whose names begin with a dot.</param>
/// <param name="OtherKinds">Files, pipes, sockets, devices and broken links that do not end as images do.</param>
/// <param name="InvalidNames">Files and folders whose names are not valid text (UTF-8 on Linux), so that they cannot be opened.</param>
/// <param name="RepeatedFolders">Links to folders that were already met on another way, loops among them.</param>
/// <param name="UnreadableFolders">Folders that could not be looked into.</param>
/// <param name="Unlabelled">Images beside the class folders.</param>
/// <param name="RepeatedFiles">Links, and on Linux hard links, to images that were met under another name.</param>
internal readonly record struct IgnoredFiles(
    long Hidden, long OtherKinds, long InvalidNames, long RepeatedFolders, long UnreadableFolders, long Unlabelled, long RepeatedFiles)
{
    /// <summary>All of them.</summary>
    public long Total => Hidden + OtherKinds + InvalidNames + RepeatedFolders + UnreadableFolders + Unlabelled + RepeatedFiles;

    /// <summary>The kinds that were met, with their numbers; "nothing" where there were none.</summary>
    public override string ToString()
    {
        (long Number, string One, string Several)[] kinds =
        [
            (Hidden, "hidden", "hidden"), (OtherKinds, "not named as an image", "not named as images"),
            (InvalidNames, "with a name that is not valid text", "with names that are not valid text"),
            (RepeatedFolders, "folder met twice", "folders met twice"), (UnreadableFolders, "unreadable folder", "unreadable folders"),
            (Unlabelled, "image beside the class folders", "images beside the class folders"),
            (RepeatedFiles, "link to an image that is here already", "links to images that are here already"),
        ];
        IEnumerable<string> met = kinds.Where(kind => kind.Number > 0)
            .Select(kind => Counted.Of(kind.Number, kind.One, kind.Several));
        return string.Join(", ", met.DefaultIfEmpty("nothing"));
    }
}
