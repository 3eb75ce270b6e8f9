using System.Text.Unicode;

namespace MoCo.Data.Folders;

/// <summary>A folder that holds images.</summary>
/// <param name="Path">Its path below the root; empty for the root.</param>
/// <param name="Images">The images' file names, in order.</param>
/// <param name="Label">The label of all of them, −1 for none.</param>
internal sealed record ScannedFolder(string Path, NameList Images, int Label)
{
    /// <summary>Writes an image's whole path in UTF-8, with a zero behind it; false where there is no room.</summary>
    internal bool TryWritePath(string root, int image, Span<byte> into)
    {
        ReadOnlySpan<byte> name = Images.Utf8(image);
        if (!Utf8.TryWrite(into, $"{root}/{Path}/", out int length) || length + name.Length >= into.Length) return false;
        name.CopyTo(into[length..]);
        into[length + name.Length] = 0;
        return true;
    }
}

/// <summary>Looks through a folder of images once and notes them in torchvision's order: classes by name, in each class the folders by
/// their whole path, in each folder the files by name.</summary>
internal sealed class FolderScan
{
    private readonly string root;
    private readonly SourceOptions options;
    private readonly ImageExtensions extensions;

    /// <summary>Looks through a folder.</summary>
    /// <exception cref="IOException">The folder cannot be read, or reading it or one below it failed in the middle.</exception>
    internal FolderScan(string root, SourceOptions options, ImageExtensions extensions)
    {
        (this.root, this.options, this.extensions) = (root, options, extensions);
        Place top = new("", FileIdentity.Of(root));
        if (options.Labels == false) Folders.AddRange(Walk(top, [], -1));
        else ScanClasses(top);
        if (!options.EachFileOnce) return;
        Folders = RepeatedFiles.LeaveOut(root, Folders, out long repeated);
        Ignored = Ignored with { RepeatedFiles = repeated };
    }

    /// <summary>The folders that hold images, in order.</summary>
    internal List<ScannedFolder> Folders { get; } = [];

    /// <summary>First-level folders that are no classes, in order.</summary>
    internal List<string> NoClasses { get; } = [];

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

    private void ScanClasses(Place top)
    {
        FolderListing listing = Look(top)!;
        List<Place> places =
        [
            .. listing.Folders.Select(name => Below(top, name, isLink: false)),
            .. listing.Links.Select(name => Below(top, name, isLink: true)),
        ];
        places.Sort((left, right) => CompareCodePoints(left.Path, right.Path));
        List<string> classes = [.. options.Classes ?? []];
        foreach (Place place in places)
        {
            int label = options.Classes is null ? classes.Count : classes.IndexOf(place.Path);
            List<ScannedFolder> found = label < 0 ? [] : Walk(place, [top.Identity], label);
            Folders.AddRange(found);
            if (found.Count == 0) NoClasses.Add(place.Path);
            else if (options.Classes is null) classes.Add(place.Path);
        }

        if (options.Labels == true || Folders.Count > 0)
        {
            Classes = classes.AsReadOnly();
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
            if (!met.Add(next.Identity))
            {
                Ignored = Ignored with { RepeatedFolders = Ignored.RepeatedFolders + 1 };
                continue;
            }
            if (Look(next) is not { } listing) continue;
            foreach (string name in listing.Folders) folders.Push(Below(next, name, isLink: false));
            foreach (string name in listing.Links) links.Enqueue(Below(next, name, isLink: true), Path.Combine(next.Path, name));
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

    private Place Below(Place parent, string name, bool isLink)
    {
        string path = Path.Combine(parent.Path, name);
        return new Place(path, FileIdentity.Of(Path.Combine(root, path), isLink, parent.Identity));
    }

    /// <summary>A folder to be looked into.</summary>
    /// <param name="Path">Its path below the root.</param>
    /// <param name="Identity">What all ways to it have in common.</param>
    private readonly record struct Place(string Path, string Identity);
}
