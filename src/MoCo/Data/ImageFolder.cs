using MoCo.Data.Folders;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in a folder and the folders below it, at any depth: see <see cref="ImageSources.OpenFolder"/>.</summary>
/// <remarks>An image takes the bytes of its name and four more.</remarks>
internal sealed class ImageFolder : IImageSource
{
    private const int Named = 10;
    private const string OldIndex = ".moco-index";

    private readonly IReadOnlyList<ScannedFolder> folders;
    private readonly List<string> noClasses;
    private readonly int[] imageEnds;
    private readonly ImageDecoder decoder;
    private readonly ImageFiles files = new();

    internal ImageFolder(string path, SourceOptions? options = null)
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
            string where = options.Labels == true ? " in class folders" : "";
            throw new FileNotFoundException(
                $"{path}: no image found (left out: {Ignored}). Expected files that end with {extensions}{where} "
                + $"({nameof(SourceOptions)}.{nameof(SourceOptions.Extensions)} says which).");
        }
    }

    public string Name { get; }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    public int Count { get; }

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    /// <summary>What was met in the folder and left out.</summary>
    internal IgnoredFiles Ignored { get; }

    public IEnumerable<string> Notes
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

    public int? Label(int index) => FolderOf(index, out _).Label is >= 0 and int label ? label : null;

    public void Read(int index, ImageBuffer into) => files.Decode(decoder, into, file => ReadFileOnly(index, file));

    public string Locate(int index)
    {
        ScannedFolder folder = FolderOf(index, out int place);
        return Path.Combine(FullPath, folder.Path, folder.Images[place]);
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
