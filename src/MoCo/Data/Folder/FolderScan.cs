using System.Text;

namespace MoCo.Data.Folder;

/// <summary>Looks through a folder of images once and notes them in torchvision's order: classes by name, in each class the
/// folders by their whole path, in each folder the files by name.</summary>
internal sealed class FolderScan
{
    /// <summary>Stands for a time of change that proves nothing: the folder changed just when it was looked into.</summary>
    internal const long Unsettled = long.MinValue;

    // A file system's clock moves in ticks of up to 10 ms: what changes within a tick leaves the same time behind.
    private const long TickNanoseconds = 20_000_000, MostSkew = 10_000_000_000;
    private const int MostNaps = 5;

    private static readonly Comparer<byte[]> PathOrder = Comparer<byte[]>.Create((left, right) => left.AsSpan().SequenceCompareTo(right));

    private readonly string root;
    private readonly ImageExtensions images;
    private readonly IFolderAccess access;
    private readonly Utf8Path path;
    private readonly int rootLength;
    private readonly FolderEntries entries = new();
    private readonly List<int> chosen = [];
    private IgnoredFiles ignored;
    private int naps;

    private FolderScan(string root, ImageExtensions images, IFolderAccess access)
    {
        (this.root, this.images, this.access) = (root, images, access);
        path = new Utf8Path(root);
        rootLength = path.Length;
    }

    internal static FolderIndex Run(string root, ImageFolderLabels labels, ImageExtensions images, IFolderAccess access)
    {
        var scan = new FolderScan(root, images, access);
        return labels == ImageFolderLabels.None ? scan.Unlabelled() : scan.ByFirstFolder(labels);
    }

    private FolderIndex Unlabelled()
    {
        List<FoundFolder> found = [];
        Walk([], [], found);
        RequireRoot(found);
        return FolderTable.Build(found, [.. found.Select(_ => -1)], [], labelled: false, ignored);
    }

    private FolderIndex ByFirstFolder(ImageFolderLabels wanted)
    {
        List<byte[]> folders = [];
        SortedSet<byte[]> links = new(PathOrder);
        List<FoundFolder> found = [];
        List<int> labels = [-1];
        var identity = access.Inspect(At([])).Identity;
        Look([], folders, links, found);
        RequireRoot(found);
        folders.AddRange(links);
        folders.Sort(PathOrder);

        List<string> classes = [];
        foreach (var folder in folders)
        {
            var before = found.Count;
            Walk(folder, [identity], found);
            labels.AddRange(Enumerable.Repeat(classes.Count, found.Count - before));
            classes.Add(Encoding.UTF8.GetString(folder));
        }

        var beside = found[0].NameEnds.Length;
        if (wanted == ImageFolderLabels.Auto && found.Skip(1).All(folder => folder.NameEnds.Length == 0))
            return FolderTable.Build(found, [.. found.Select(_ => -1)], [], labelled: false, ignored);
        found[0] = found[0] with { Names = [], NameEnds = [] };
        return FolderTable.Build(found, labels, classes, labelled: true, ignored with { Unlabelled = beside });
    }

    /// <summary>Looks into a folder and all below it, each folder once; real folders before links to them.</summary>
    private void Walk(byte[] top, HashSet<UInt128> met, List<FoundFolder> found)
    {
        var first = found.Count;
        List<byte[]> folders = [top];
        SortedSet<byte[]> links = new(PathOrder);
        while (folders.Count > 0 || links.Count > 0)
        {
            // Links in order, so that of two that lead to a folder always the same one is followed.
            var next = folders.Count > 0 ? folders[^1] : links.Min!;
            if (folders.Count > 0)
                folders.RemoveAt(folders.Count - 1);
            else
                links.Remove(next);
            var facts = access.Inspect(At(next));
            if (facts.Kind == EntryKind.Folder && !met.Add(facts.Identity))
                ignored = ignored with { RepeatedFolders = ignored.RepeatedFolders + 1 };
            else
                Look(next, folders, links, found);
        }

        found.Sort(first, found.Count - first, Comparer<FoundFolder>.Create(FoundFolder.ByPath));
    }

    /// <summary>Looks into one folder: its images to <paramref name="found"/>, its folders to be looked into later.</summary>
    private void Look(byte[] folder, List<byte[]> folders, SortedSet<byte[]> links, List<FoundFolder> found)
    {
        var modified = Settle(folder);
        if (!access.List(At(folder), entries))
        {
            ignored = ignored with { UnreadableFolders = ignored.UnreadableFolders + 1 };
            return;
        }

        chosen.Clear();
        long hidden = 0, others = 0, special = 0, broken = 0;
        for (var entry = 0; entry < entries.Count; entry++)
        {
            var name = entries.Name(entry);
            if (name[0] == '.')
            {
                hidden += name.SequenceEqual(FolderIndexStore.OwnFolderName) ? 0 : 1;
                continue;
            }

            var kind = entries.Kind(entry);
            var linked = kind == EntryKind.Link;
            if (linked || kind == EntryKind.Unknown)
                kind = access.Inspect(At(folder).Append(name)).Kind;
            if (kind == EntryKind.Folder)
                ((ICollection<byte[]>)(linked ? links : folders)).Add(At(folder).Append(name).Bytes[(rootLength + SeparatorLength)..].ToArray());
            else if (kind == EntryKind.File && images.Fit(name))
                chosen.Add(entry);
            else if (kind == EntryKind.File)
                others++;
            else if (kind == EntryKind.Special)
                special++;
            else
                broken++;
        }

        ignored = ignored with
        {
            Hidden = ignored.Hidden + hidden,
            OtherKinds = ignored.OtherKinds + others,
            Special = ignored.Special + special,
            BrokenLinks = ignored.BrokenLinks + broken,
        };
        found.Add(Found(folder, modified));
    }

    // A root that is itself a separator ("/") needs no other.
    private int SeparatorLength => path.Bytes[rootLength - 1] == '/' ? 0 : 1;

    private FoundFolder Found(byte[] folder, long modified)
    {
        chosen.Sort((left, right) => entries.Name(left).SequenceCompareTo(entries.Name(right)));
        var ends = new int[chosen.Count];
        var length = 0;
        for (var i = 0; i < ends.Length; i++)
            ends[i] = length += entries.Name(chosen[i]).Length;
        var names = GC.AllocateUninitializedArray<byte>(length);
        for (var i = 0; i < ends.Length; i++)
            entries.Name(chosen[i]).CopyTo(names.AsSpan(i == 0 ? 0 : ends[i - 1]));
        return new FoundFolder(folder, modified, names, ends);
    }

    /// <summary>When a folder was changed; waits a moment for one that was changed a moment ago.</summary>
    private long Settle(byte[] folder)
    {
        while (true)
        {
            var modified = access.Inspect(At(folder)).Modified;
            var age = ((DateTime.UtcNow - DateTime.UnixEpoch).Ticks * 100) - modified;
            if (age is >= TickNanoseconds or < -MostSkew)
                return modified;
            if (naps++ >= MostNaps)
                return Unsettled;
            Thread.Sleep(TimeSpan.FromMicroseconds(1.2 * TickNanoseconds / 1000));
        }
    }

    private Utf8Path At(ReadOnlySpan<byte> below)
    {
        path.Truncate(rootLength);
        return path.Append(below);
    }

    private void RequireRoot(List<FoundFolder> found)
    {
        if (found.Count == 0)
            throw new IOException($"{root}: the folder cannot be read; permission denied, or it is gone.");
    }
}
