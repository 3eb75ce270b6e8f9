using System.Globalization;
using System.Text;
using MoCo.Data.Folder;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in a folder and the folders below it, at any depth.</summary>
/// <remarks>
/// <para>Labels and order are those of torchvision's <c>ImageFolder</c>: the first-level folders are the classes, in the order of their
/// names' code points; in each class, folders by their whole path, files by name. Unlike there, hidden files and folders are left out,
/// a folder is met only once in a class (so links cannot loop), pipes and devices are never opened, and a class folder without images
/// stays a class instead of being an error: labels depend on the folders' names alone, so a small split agrees with the whole.</para>
/// <para>What lies in the folder is looked up once, when the source is made, and kept in an index file (see
/// <see cref="ImageFolderOptions.KeepIndex"/>); the next start only compares the folders' times of change. An image takes the bytes of its
/// name and four more. On Linux names are the file system's bytes, so that one which is no valid UTF-8 is read too. Every member may be
/// called by many threads at once.</para>
/// </remarks>
public sealed class ImageFolder : IImageSource
{
    private readonly FolderIndex table;
    private readonly byte[] root;
    private readonly IImageDecoder decoder;
    private readonly ImageFiles files = new();

    /// <summary>Finds the images of a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="options">How it is read; null: the defaults.</param>
    /// <param name="decoder">From files to pixels; null: <see cref="ImageDecoder.Default"/>.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">It holds no image.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ImageFolder(string path, ImageFolderOptions? options = null, IImageDecoder? decoder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageFolderOptions();
        options.Validate();
        Name = path;
        FullPath = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(FullPath))
            throw new DirectoryNotFoundException($"{path}: no such folder; expected a folder of images.");
        this.decoder = decoder ?? ImageDecoder.Default;
        root = Encoding.UTF8.GetBytes(FullPath);
        table = Find(options);
        if (Count == 0)
            throw new FileNotFoundException($"{path}: no image found (left out: {Ignored}). Expected files that end with {new ImageExtensions(options.Extensions)}{(options.Labels == ImageFolderLabels.FirstFolder ? " in class folders" : "")}.");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>The folder's full path.</summary>
    public string FullPath { get; }

    /// <inheritdoc/>
    public int Count => table.Count;

    /// <inheritdoc/>
    public int Channels => 3;

    /// <inheritdoc/>
    public IReadOnlyList<string> Classes => table.Classes;

    /// <inheritdoc/>
    public SourceErrors Errors { get; } = new();

    /// <summary>What was met in the folder and left out.</summary>
    public IgnoredFiles Ignored => table.Ignored;

    /// <summary>Bytes of memory that the list of images takes.</summary>
    public long IndexBytes => table.Size;

    /// <summary>True if the index file answered, and the folder was not looked through.</summary>
    public bool FromIndexFile { get; private set; }

    /// <inheritdoc/>
    IEnumerable<string> IImageSet.Notes
    {
        get
        {
            yield return $"left out: {Ignored}";
            var filled = new bool[Classes.Count];
            for (var folder = 0; folder < table.Folders; folder++)
            {
                if (table.Labels[folder] >= 0 && table.ImageEnds[folder] > (folder == 0 ? 0 : table.ImageEnds[folder - 1]))
                    filled[table.Labels[folder]] = true;
            }

            var empty = Enumerable.Range(0, filled.Length).Where(label => !filled[label]).Select(label => Classes[label]).ToList();
            if (empty.Count > 0)
                yield return $"classes without images: {string.Join(", ", empty.Take(10))}{(empty.Count > 10 ? string.Create(CultureInfo.InvariantCulture, $" and {empty.Count - 10:N0} more") : "")}";
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public int? Label(int index)
    {
        Check(index);
        return table.Labelled ? table.Labels[table.FolderOf(index)] : null;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public void Read(int index, ImageBuffer into)
    {
        ArgumentNullException.ThrowIfNull(into);
        Check(index);
        var slot = files.Rent();
        try
        {
            ImageFiles.Read(PathOf(index, slot.Path), slot.File);
            decoder.Decode(slot.File.Bytes, into);
        }
        finally
        {
            files.Return(slot);
        }
    }

    /// <summary>Reads an image's file undecoded, with its label.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the file.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    /// <exception cref="InvalidDataException">The file is longer than a gigabyte.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public void ReadFile(int index, EncodedImage into)
    {
        ArgumentNullException.ThrowIfNull(into);
        Check(index);
        var slot = files.Rent();
        ImageFiles.Read(PathOf(index, slot.Path), into);
        files.Return(slot);
        into.Label = Label(index);
    }

    /// <summary>The path of an image's file. Bytes of a name that are no valid UTF-8 show as U+FFFD.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public string Locate(int index)
    {
        Check(index);
        return PathOf(index, new Utf8Path()).ToString();
    }

    private FolderIndex Find(ImageFolderOptions options)
    {
        var access = IFolderAccess.ForThisMachine;
        var store = options.KeepIndex ? new FolderIndexStore(FullPath, options, access) : null;
        if (store?.Load() is { } kept)
        {
            FromIndexFile = true;
            return kept;
        }

        store?.Prepare();
        var found = FolderScan.Run(FullPath, options.Labels, new ImageExtensions(options.Extensions), access);
        store?.Save(found);
        return found;
    }

    private Utf8Path PathOf(int image, Utf8Path path)
    {
        path.Set(root);
        return path.Append(table.Path(table.FolderOf(image))).Append(table.Name(image));
    }

    private void Check(int index)
    {
        if ((uint)index >= (uint)Count)
            throw new ArgumentOutOfRangeException(nameof(index), index, $"{Name} has images 0 to {Count - 1}.");
    }
}
