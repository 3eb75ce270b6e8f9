using MoCo.Data.Folders;

namespace MoCo.Data.Zips;

/// <summary>The images in a zip archive, in the order and with the classes that they would have unpacked in a folder.</summary>
internal sealed class ZipListing
{
    private const int LongestDirectory = 1 << 30;

    private readonly List<(string[] Path, ZipEntry Entry)> images = [];

    /// <summary>Lists an archive's images.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no zip.</exception>
    internal ZipListing(DataFile file, ImageExtensions extensions)
    {
        try
        {
            foreach (ZipEntry entry in ZipDirectory.Read(file, LongestDirectory))
            {
                // Old .NET and some tools of Windows write backslashes.
                string[] path = entry.Name.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries);
                if (path.Length == 0 || entry.Name[^1] is '/' or '\\') continue;
                if (Array.Exists(path, name => name[0] == '.')) Ignored = Ignored with { Hidden = Ignored.Hidden + 1 };
                else if (!extensions.Fit(path[^1])) Ignored = Ignored with { OtherKinds = Ignored.OtherKinds + 1 };
                else images.Add((path, entry));
            }
        }
        catch (FormatException error)
        {
            string why = file.Length == 0 ? "it is empty" : error.Message;
            throw new InvalidDataException($"{file.Path} can't be read as a zip archive: {why}{Remark(file)}.", error);
        }
        // The folder that an archive was made of is no class.
        while (images.Count > 0 && images[0].Path.Length > 1 && images.Exists(image => image.Path.Length > 2)
            && images.TrueForAll(image => image.Path.Length > 1 && image.Path[0] == images[0].Path[0]))
        {
            for (int i = 0; i < images.Count; i++) images[i] = (images[i].Path[1..], images[i].Entry);
        }
    }

    internal IgnoredFiles Ignored { get; private set; }

    /// <summary>The first-level folders.</summary>
    internal string[] Folders() => [.. images.Where(image => image.Path.Length > 1).Select(image => image.Path[0]).Distinct()];

    /// <summary>Takes the images of one first folder for all.</summary>
    internal void Enter(string folder)
    {
        images.RemoveAll(image => image.Path.Length == 1 || image.Path[0] != folder);
        for (int i = 0; i < images.Count; i++) images[i] = (images[i].Path[1..], images[i].Entry);
    }

    /// <summary>The images in order, with their labels.</summary>
    /// <param name="options">Where labels come from.</param>
    /// <param name="classes">The class names; empty where there are none.</param>
    internal (ZipEntry Entry, int Label)[] Sorted(SourceOptions options, out IReadOnlyList<string> classes)
    {
        bool labelled = options.Labels ?? images.Exists(image => image.Path.Length > 1);
        List<(string Class, string Folder, string Name, ZipEntry Entry)> found = [.. images.Select(image => (
            labelled && image.Path.Length > 1 ? image.Path[0] : "", string.Join('/', image.Path[..^1]), image.Path[^1], image.Entry))];
        if (labelled) Ignored = Ignored with { Unlabelled = found.RemoveAll(image => image.Class.Length == 0) };
        if (labelled && options.Classes is { } given) found.RemoveAll(image => !given.Contains(image.Class));
        found.Sort((left, right) => Compare(left.Class, right.Class) is not 0 and int by ? by
            : Compare(left.Folder, right.Folder) is not 0 and int below ? below
            : Compare(left.Name, right.Name));
        classes = !labelled ? [] : options.Classes ?? found.Select(image => image.Class).Distinct().ToList().AsReadOnly();
        Dictionary<string, int> labels = classes.Index().ToDictionary(name => name.Item, name => name.Index);
        return [.. found.Select(image => (image.Entry, labels.GetValueOrDefault(image.Class, -1)))];

        static int Compare(string left, string right) => FolderScan.CompareCodePoints(left, right);
    }

    private static string Remark(DataFile file)
    {
        byte[] start = new byte[Math.Min(file.Length, FileSignature.Length)];
        file.Read(0, start);
        return FileSignature.Name(start) is { } name && !name.Contains("zip", StringComparison.Ordinal) ? $"; it is {name}" : "";
    }
}
