using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Color images of 32×32 in the binary layout of CIFAR-10 and CIFAR-100, held in memory.</summary>
/// <remarks>A record is one label (CIFAR-10) or a coarse and a fine one (CIFAR-100), a byte each, and 1,024 bytes each of red, green and
/// blue (Krizhevsky, "Learning multiple layers of features from tiny images", 2009).</remarks>
internal sealed class CifarBinary : IImageSource
{
    private const int Side = 32, Plane = Side * Side, ImageBytes = 3 * Plane, MostRecords = 500_000, MostNameBytes = 1 << 20;

    private readonly byte[][] files;
    private readonly string[] paths;
    private readonly int[] ends;
    private readonly int labelAt, recordLength;

    private CifarBinary(string name, Layout layout, byte[][] files, string[] paths, IReadOnlyList<string> classes)
    {
        (Name, this.files, this.paths, Classes) = (name, files, paths, classes);
        (labelAt, recordLength) = (layout.LabelAt, layout.RecordLength);
        ends = new int[files.Length];
        for (int i = 0; i < files.Length; i++) ends[i] = Count += files[i].Length / recordLength;
    }

    public string Name { get; }

    public int Count { get; }

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    /// <summary>Loads a split from a folder that holds the files under their usual names: CIFAR-10's <c>data_batch_1.bin</c> … or
    /// CIFAR-100's <c>train.bin</c> and <c>test.bin</c>. Class names come from <c>batches.meta.txt</c>, <c>fine_label_names.txt</c> or
    /// <c>coarse_label_names.txt</c>; where that is missing, they are the labels' numbers.</summary>
    /// <param name="folder">The folder, or the one above <c>cifar-10-batches-bin</c> or <c>cifar-100-binary</c>.</param>
    /// <param name="split">Training or test images.</param>
    /// <param name="coarse">Whether CIFAR-100's twenty superclasses count instead of its hundred classes.</param>
    /// <returns>The images.</returns>
    /// <exception cref="ArgumentException">Coarse labels of CIFAR-10, which has none.</exception>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The folder lacks a file.</exception>
    /// <exception cref="InvalidDataException">A file is not what its name says.</exception>
    public static CifarBinary Load(string folder, ImageSplit split, bool coarse = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (!Directory.Exists(folder))
            throw new DirectoryNotFoundException($"{folder}: no such folder; expected the files of CIFAR-10 or CIFAR-100 in it.");

        (string place, Layout layout) = TryFind(folder, split, coarse) ?? throw new FileNotFoundException(
            $"{folder}: expected {Layout.Ten.Files(split)[0]} (CIFAR-10) or {Layout.Hundred(coarse).Files(split)[0]} (CIFAR-100), "
            + "in it or in cifar-10-batches-bin or cifar-100-binary below it.");
        if (coarse && !layout.HasCoarse)
            throw new ArgumentException($"{place} holds CIFAR-10, which has no coarse labels.", nameof(coarse));
        string[] paths = [.. layout.Files(split).Select(name => Path.Combine(place, name))];
        if (paths.FirstOrDefault(path => !File.Exists(path)) is { } missing)
            throw new FileNotFoundException($"{missing}: no such file; expected {string.Join(", ", layout.Files(split))}.", missing);
        IReadOnlyList<string> classes = ClassNames(Path.Combine(place, layout.NamesFile), layout.Classes);
        byte[][] files = [.. paths.Select(path => ReadFile(path, layout))];
        return new CifarBinary(place, layout, files, paths, classes);
    }

    public int? Label(int index) => Record(index)[labelAt];

    public void Read(int index, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        ReadOnlySpan<byte> planes = Record(index)[^ImageBytes..];
        ReadOnlySpan<byte> red = planes[..Plane], green = planes.Slice(Plane, Plane), blue = planes.Slice(2 * Plane, Plane);
        into.Resize(Side, Side, 3);
        Span<byte> pixels = into.Pixels;
        for (int i = 0, to = 0; i < red.Length && to + 2 < pixels.Length; i++, to += 3)
            (pixels[to], pixels[to + 1], pixels[to + 2]) = (red[i], green[i], blue[i]);
    }

    public string Locate(int index)
    {
        (int file, int record) = Place(index);
        return $"{paths[file]}, image {record}";
    }

    /// <summary>Whether <see cref="Load"/> finds a split in a folder.</summary>
    internal static bool IsIn(string folder, ImageSplit split) => TryFind(folder, split, coarse: false) is not null;

    private ReadOnlySpan<byte> Record(int index)
    {
        (int file, int record) = Place(index);
        return files[file].AsSpan(record * recordLength, recordLength);
    }

    private (int File, int Record) Place(int index) => SourceChecks.Place(index, ends, Name);

    private static (string Place, Layout Layout)? TryFind(string folder, ImageSplit split, bool coarse)
    {
        string[] places = [folder, Path.Combine(folder, "cifar-10-batches-bin"), Path.Combine(folder, "cifar-100-binary")];
        Layout[] layouts = [Layout.Ten, Layout.Hundred(coarse)];
        foreach (string place in places)
        {
            if (Array.Find(layouts, layout => layout.Files(split).Any(name => File.Exists(Path.Combine(place, name)))) is { } found)
                return (place, found);
        }
        return null;
    }

    private static byte[] ReadFile(string path, Layout layout)
    {
        long length = new FileInfo(path).Length;
        if (length == 0 || length % layout.RecordLength != 0 || length / layout.RecordLength > MostRecords)
            throw new InvalidDataException($"{path}: expected records of {layout.RecordLength} bytes each, found a file of {length}"
                + $"{FileSignature.Remark(path)}.");
        byte[] content = File.ReadAllBytes(path);
        for (int at = layout.LabelAt; at < content.Length; at += layout.RecordLength)
        {
            if (content[at] >= layout.Classes)
            {
                throw new InvalidDataException(
                    $"{path}: expected labels 0 to {layout.Classes - 1}, found {content[at]} at image {at / layout.RecordLength}.");
            }
        }
        return content;
    }

    private static IReadOnlyList<string> ClassNames(string path, int count)
    {
        if (!File.Exists(path)) return SourceChecks.NumberedClasses(count);
        if (new FileInfo(path).Length > MostNameBytes)
            throw new InvalidDataException($"{path}: expected {count} class names, a line each, found more than {MostNameBytes} bytes.");
        string[] names = [.. File.ReadLines(path).Take(count + 10).Select(line => line.Trim()).Where(line => line.Length > 0)];
        return names.Length == count ? Array.AsReadOnly(names)
            : throw new InvalidDataException($"{path}: expected {count} class names, a line each, found {names.Length}.");
    }

    /// <summary>What tells the two data sets apart.</summary>
    private sealed record Layout(
        int RecordLength, int LabelAt, int Classes, bool HasCoarse, string NamesFile, string[] Train, string[] Test)
    {
        internal static readonly Layout Ten = new(1 + ImageBytes, 0, 10, false, "batches.meta.txt",
            [.. Enumerable.Range(1, 5).Select(i => $"data_batch_{i}.bin")], ["test_batch.bin"]);

        internal static Layout Hundred(bool coarse) => coarse
            ? new(2 + ImageBytes, 0, 20, true, "coarse_label_names.txt", ["train.bin"], ["test.bin"])
            : new(2 + ImageBytes, 1, 100, true, "fine_label_names.txt", ["train.bin"], ["test.bin"]);

        internal string[] Files(ImageSplit split) => split == ImageSplit.Train ? Train : Test;
    }
}
