using MoCo.Data.Folders;
using MoCo.Data.Lists;
using MoCo.Data.Shards;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images that a CSV file lists: in each line an image's path and, where the images have classes, its label.</summary>
/// <remarks>
/// <para>Paths that are not rooted start at the list's own folder. A first line that names its columns may stand before: <c>path</c>,
/// <c>image</c>, <c>file</c>, <c>filename</c> or <c>file_name</c> for the path, <c>label</c> or <c>class</c> for the label; other columns
/// are passed over then. Without it a line is <c>path</c> or <c>path,label</c>. The file is UTF-8, a record a line, with fields in double
/// quotes where they hold commas.</para>
/// <para>Where all labels are whole numbers, they are the labels, and the classes are the numbers up to the highest. Else they are names,
/// and the classes are these in the order of their code points. An empty label is none. Images come in the list's order; one that is
/// listed twice is there twice. Every member may be called by many threads at once.</para>
/// </remarks>
internal sealed class ImageList : IImageSource
{
    private static readonly string[] PathColumns = ["path", "image", "file", "filename", "file_name"], LabelColumns = ["label", "class"];

    private readonly string[] paths;
    private readonly int[] labels;
    private readonly ImageDecoder decoder;
    private readonly ImageFiles files = new();

    /// <summary>Reads a list, and looks whether the images are there.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="options"><see cref="SourceOptions.Classes"/>, which labels must be among then, and whether labels count at all;
    /// null: the defaults.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">There is no such list, or an image that it names is missing.</exception>
    /// <exception cref="InvalidDataException">The list is none; the message has the line.</exception>
    /// <exception cref="IOException">The list cannot be read.</exception>
    public ImageList(string path, SourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SourceOptions();
        options.Validate();
        (Name, decoder) = (path, options.Decoder ?? ImageDecoder.Default);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; expected a list of images.", path);
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        List<(int Line, string Path, string Label)> found = Read(path, options.Labels != false);
        paths = [.. found.Select(image => Path.Combine(folder, image.Path))];
        int[] missing = [.. Enumerable.Range(0, paths.Length).Where(image => !File.Exists(paths[image]))];
        if (missing.Length > 0)
        {
            throw new FileNotFoundException(
                $"{path}, line {found[missing[0]].Line}: there is no image {paths[missing[0]]} ({missing.Length} of {paths.Length} are "
                + "missing).", paths[missing[0]]);
        }
        (Classes, labels) = Labels(found, options.Classes);
    }

    public string Name { get; }

    public int Count => paths.Length;

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    public int? Label(int index) => labels[SourceChecks.Index(index, Count, Name)] is >= 0 and int label ? label : null;

    public void Read(int index, ImageBuffer into) => files.Decode(decoder, into, file => ImageFiles.ReadFast(Locate(index), file));

    /// <summary>The path of an image's file.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public string Locate(int index) => paths[SourceChecks.Index(index, Count, Name)];

    private static List<(int Line, string Path, string Label)> Read(string list, bool labelled)
    {
        List<(int Line, string Path, string Label)> images = [];
        (int columns, int pathAt, int labelAt) = (0, 0, -1);
        foreach ((int line, string[] fields) in CsvFile.Read(list))
        {
            if (columns == 0)
            {
                (pathAt, labelAt, columns) = (Column(fields, PathColumns), Column(fields, LabelColumns), fields.Length);
                if (pathAt >= 0) continue;
                if (columns > 2) throw CsvFile.Bad(list, line, $"path or path,label, or columns by name, found {columns} fields");
                (pathAt, labelAt) = (0, columns - 1);
            }
            if (fields.Length != columns)
                throw CsvFile.Bad(list, line, $"{Counted.Of(columns, "field")} as in the first line, found {fields.Length}");
            if (fields[pathAt].Length == 0 || fields[pathAt].Contains('\0', StringComparison.Ordinal))
                throw CsvFile.Bad(list, line, $"an image's path, found '{fields[pathAt].Replace("\0", "\\0", StringComparison.Ordinal)}'");
            images.Add((line, fields[pathAt], labelled && labelAt >= 0 && columns > 1 ? fields[labelAt] : ""));
        }
        return images.Count > 0 ? images
            : throw new InvalidDataException($"{list}: no image is listed; expected lines of path or path,label.");
    }

    private static int Column(string[] fields, string[] names) =>
        Array.FindIndex(fields, field => names.Contains(field.Trim().ToLowerInvariant()));

    private (IReadOnlyList<string> Classes, int[] Labels) Labels(
        List<(int Line, string Path, string Label)> found, IReadOnlyList<string>? given)
    {
        string[] names = [.. found.Select(image => image.Label).Where(label => label.Length > 0).Distinct()];
        bool numbered = Array.TrueForAll(names, name => Number(name) >= 0);
        int most = given?.Count ?? ShardSet.MostUnnamedClasses;
        if (given is null && !numbered) Array.Sort(names, FolderScan.CompareCodePoints);
        Dictionary<string, int> labels = [];
        IReadOnlyList<string> known = given ?? (numbered ? [] : names);
        for (int i = 0; i < known.Count; i++) labels.Add(known[i], i);
        int[] chosen = [.. found.Select(image => image.Label.Length == 0 ? -1
            : labels.TryGetValue(image.Label, out int label) ? label
            : numbered && Number(image.Label) < most ? Number(image.Label)
            : throw CsvFile.Bad(Name, image.Line, given is null ? $"labels below {most}, found '{image.Label}'"
                : $"one of the {given.Count} classes or its number, found '{image.Label}'"))];
        return (given ?? (numbered ? SourceChecks.NumberedClasses(chosen.Max() + 1) : Array.AsReadOnly(names)), chosen);
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;
}
