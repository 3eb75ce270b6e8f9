namespace MoCo.Data.Folders;

/// <summary>A folder that holds images.</summary>
/// <param name="Path">Its path below the root; empty for the root.</param>
/// <param name="Images">The images' file names, in order.</param>
/// <param name="Label">The label of all of them, −1 for none.</param>
internal sealed record ScannedFolder(string Path, NameList Images, int Label);

/// <summary>Looks through a folder of images once and notes them in torchvision's order: classes by name, in each class the folders by
/// their whole path, in each folder the files by name.</summary>
internal sealed class FolderScan
{
    /// <summary>As many links as Linux follows in one path.</summary>
    private const int MostLinks = 40;

    private static readonly char[] Separators = [Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar];

    private readonly string root;
    private readonly ImageExtensions extensions;

    /// <summary>Looks through a folder.</summary>
    /// <exception cref="IOException">The folder cannot be read, or reading it or one below it failed in the middle.</exception>
    internal FolderScan(string root, ImageFolderLabels labels, ImageExtensions extensions)
    {
        (this.root, this.extensions) = (root, extensions);
        Place top = new("", RealPath(root));
        if (labels == ImageFolderLabels.None) Folders.AddRange(Walk(top, [], -1));
        else ScanClasses(top, labels);
    }

    /// <summary>The folders that hold images, in order.</summary>
    internal List<ScannedFolder> Folders { get; } = [];

    /// <summary>The class names in order; null where images have no labels.</summary>
    internal IReadOnlyList<string>? Classes { get; private set; }

    internal IgnoredFiles Ignored { get; private set; }

    /// <summary>The order of code points, which is that of Python's strings. UTF-16 differs from it in its surrogates, which stand for the
    /// highest code points but are not the highest values.</summary>
    internal static int CompareCodePoints(string left, string right)
    {
        int at = left.AsSpan().CommonPrefixLength(right);
        if (at == left.Length || at == right.Length) return left.Length - right.Length;
        bool leftHigh = char.IsSurrogate(left[at]), rightHigh = char.IsSurrogate(right[at]);
        return leftHigh == rightHigh ? left[at] - right[at] : leftHigh ? 1 : -1;
    }

    private void ScanClasses(Place top, ImageFolderLabels labels)
    {
        FolderListing listing = Look(top)!;
        List<Place> classes = [.. listing.Folders.Select(top.Folder), .. listing.Links.Select(name => Link(top, name))];
        classes.Sort((left, right) => CompareCodePoints(left.Path, right.Path));
        for (int label = 0; label < classes.Count; label++) Folders.AddRange(Walk(classes[label], [top.Real], label));

        if (labels == ImageFolderLabels.FirstFolder || Folders.Count > 0)
        {
            Classes = classes.ConvertAll(folder => folder.Path).AsReadOnly();
            Ignored = Ignored with { Unlabelled = listing.Images.Count };
        }
        else if (listing.Images.Count > 0) Folders.Add(new ScannedFolder("", listing.Images, -1));
    }

    /// <summary>Looks into a folder and all below it, each folder once; real folders before links to them, and links in order, so that of
    /// several ways to one folder always the same is taken.</summary>
    private List<ScannedFolder> Walk(Place top, HashSet<string> met, int label)
    {
        List<ScannedFolder> found = [];
        Stack<Place> folders = new([top]);
        PriorityQueue<Place, string> links = new(StringComparer.Ordinal);
        while (folders.TryPop(out Place next) || links.TryDequeue(out next, out _))
        {
            if (!met.Add(next.Real))
            {
                Ignored = Ignored with { RepeatedFolders = Ignored.RepeatedFolders + 1 };
                continue;
            }
            if (Look(next) is not { } listing) continue;
            foreach (string name in listing.Folders) folders.Push(next.Folder(name));
            foreach (string name in listing.Links) links.Enqueue(Link(next, name), Path.Combine(next.Path, name));
            if (listing.Images.Count > 0) found.Add(new ScannedFolder(next.Path, listing.Images, label));
        }
        found.Sort((left, right) => CompareCodePoints(left.Path, right.Path));
        return found;
    }

    /// <summary>Looks into one folder; null, and counted, for a folder below the root that cannot be opened.</summary>
    private FolderListing? Look(Place folder)
    {
        string path = Path.Combine(root, folder.Path);
        FolderListing listing;
        try
        {
            listing = new FolderListing(path, extensions);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            if (folder.Path.Length == 0) throw new IOException($"{root}: the folder cannot be read; {error.Message}", error);
            Ignored = Ignored with { UnreadableFolders = Ignored.UnreadableFolders + 1 };
            return null;
        }
        using (listing)
            listing.Read();
        Ignored = Ignored with
        {
            Hidden = Ignored.Hidden + listing.Hidden,
            OtherKinds = Ignored.OtherKinds + listing.OtherKinds,
            InvalidNames = Ignored.InvalidNames + listing.InvalidNames,
        };
        return listing;
    }

    private Place Link(Place parent, string name)
    {
        string path = Path.Combine(parent.Path, name);
        return new Place(path, RealPath(Path.Combine(root, path)));
    }

    /// <summary>The path without links in it, so that all ways to one folder have the same.</summary>
    private static string RealPath(string path)
    {
        string real = "";
        Stack<string> parts = [];
        Push(path);
        for (int links = 0; parts.TryPop(out string? part);)
        {
            string next = Path.Combine(real, part);
            if (part == "..") real = Path.GetDirectoryName(real) ?? real;
            else if (part != "." && links < MostLinks && new FileInfo(next).LinkTarget is { } target)
            {
                links++;
                Push(target);
            }
            else if (part != ".") real = next;
        }
        return real;

        void Push(string some)
        {
            string top = Path.GetPathRoot(some) ?? "";
            if (top.Length > 0) real = top;
            string[] names = some[top.Length..].Split(Separators, StringSplitOptions.RemoveEmptyEntries);
            for (int i = names.Length - 1; i >= 0; i--) parts.Push(names[i]);
        }
    }

    /// <summary>A folder to be looked into.</summary>
    /// <param name="Path">Its path below the root.</param>
    /// <param name="Real">Its full path without links.</param>
    private readonly record struct Place(string Path, string Real)
    {
        internal Place Folder(string name) => new(System.IO.Path.Combine(Path, name), System.IO.Path.Combine(Real, name));
    }
}
