using System.IO.Compression;
using MoCo.Data.Folders;
using MoCo.Data.Zips;
using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images in a zip archive, read where they lie: nothing is unpacked to disk.</summary>
/// <remarks>
/// <para>Labels and order are those that <see cref="ImageFolder"/> would give them unpacked: the first-level folders are the classes; files
/// and folders whose names begin with a dot are left out. A single folder around all others, which the archive was made of, is passed over.
/// Entries are stored or deflated; where an image is packed otherwise or encrypted, the archive is refused when it is opened. zip64 is
/// read, several parts are not. Names are UTF-8 or else of code page 437, backslashes part folders as slashes do. Checksums are not looked
/// at: damage is told by the decoder.</para>
/// <para>The archive's directory is read once, when the source is made, and the file is kept open until <see cref="Dispose"/>. Every
/// other member may be called by many threads at once, which read and unpack side by side.</para>
/// </remarks>
internal sealed class ZipImages : IImageSource, IDisposable
{
    private const int Deflated = 8, MostRatio = 1032, Smallest = 64;

    private readonly DataFile file;
    private readonly (ZipEntry Entry, int Label)[] images;
    private readonly IgnoredFiles ignored;
    private readonly ImageDecoder decoder;
    private readonly ImageFiles files = new();

    /// <summary>Finds the images of an archive.</summary>
    /// <param name="path">The zip file.</param>
    /// <param name="options">How it is read, as a folder would be; null: the defaults.</param>
    /// <param name="folder">A first-level folder of the archive, such as <c>train</c>, whose images alone are read; null: all.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="FileNotFoundException">There is no such archive, or it holds no image.</exception>
    /// <exception cref="InvalidDataException">It is damaged or no zip, or an image in it is encrypted or packed otherwise than
    /// deflated.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public ZipImages(string path, SourceOptions? options = null, string? folder = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new SourceOptions();
        options.Validate();
        (Name, decoder) = (folder is null ? path : $"{path}/{folder}", options.Decoder ?? ImageDecoder.Default);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; expected a zip archive of images.", path);
        ImageExtensions extensions = new(options.Extensions);
        file = DataFile.Open(path);
        try
        {
            ZipListing listing = new(file, extensions);
            if (folder is not null) listing.Enter(folder);
            images = listing.Sorted(options, out IReadOnlyList<string> classes);
            (Classes, ignored) = (classes, listing.Ignored);
            if (images.Length == 0)
            {
                throw new FileNotFoundException(
                    $"{Name}: no image found (left out: {ignored}). Expected files that end with {extensions} "
                    + $"({nameof(SourceOptions)}.{nameof(SourceOptions.Extensions)} says which).");
            }
            Check();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public string Name { get; }

    public int Count => images.Length;

    public int Channels => 3;

    public IReadOnlyList<string> Classes { get; }

    public SourceErrors Errors { get; } = new();

    IEnumerable<string> IImageSet.Notes => ignored.Total > 0 ? [$"left out: {ignored}"] : [];

    public int? Label(int index) => images[SourceChecks.Index(index, Count, Name)].Label is >= 0 and int label ? label : null;

    public void Read(int index, ImageBuffer into) => files.Decode(decoder, into, file => ReadFile(index, file));

    /// <summary>Reads an image's file undecoded, with its label.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the file.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    /// <exception cref="InvalidDataException">The entry is damaged, empty or longer than a gigabyte.</exception>
    /// <exception cref="IOException">The archive cannot be read.</exception>
    internal void ReadFile(int index, EncodedImage into)
    {
        ArgumentNullException.ThrowIfNull(into);
        into.Label = Label(index);
        ZipEntry entry = images[index].Entry;
        if (Math.Max(entry.Size, entry.Packed) > ImageFiles.MostBytes)
            throw new InvalidDataException($"The file has {entry.Size} bytes; at most {ImageFiles.MostBytes} are read.");
        if (entry.Method == Deflated)
        {
            EncodedImage packed = files.Rent();
            try
            {
                ReadPacked(entry, packed);
                Inflate(packed.Bytes, entry.Size, into);
            }
            finally
            {
                files.Return(packed);
            }
        }
        else if (entry.Size != entry.Packed)
            throw new InvalidDataException($"The zip entry is damaged: it is stored in {entry.Packed} bytes, but has {entry.Size}.");
        else ReadPacked(entry, into);
    }

    /// <summary>The archive's path, and behind it the image's in the archive.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    public string Locate(int index) => $"{file.Path}/{images[SourceChecks.Index(index, Count, Name)].Entry.Name}";

    /// <summary>Closes the archive.</summary>
    public void Dispose() => file.Dispose();

    /// <summary>The first-level folders of an archive in which images lie.</summary>
    internal static string[] Folders(string path, SourceOptions? options)
    {
        using DataFile archive = DataFile.Open(path);
        return new ZipListing(archive, new((options ?? new()).Extensions)).Folders();
    }

    private void Check()
    {
        ZipEntry[] bad = [.. images.Select(image => image.Entry).Where(entry => entry.IsEncrypted || entry.Method is not (0 or Deflated))];
        if (bad.Length > 0)
        {
            ZipEntry first = bad[0];
            string found = first.IsEncrypted ? "encrypted" : $"packed by {Method(first.Method)}";
            throw new InvalidDataException(
                $"{file.Path}: '{first.Name}' is {found}; expected entries that are stored or deflated, without a password "
                + $"({bad.Length} of {images.Length} images are not).");
        }
        if (images.CountBy(image => image.Entry.Name).FirstOrDefault(name => name.Value > 1).Key is { } twice)
            throw new InvalidDataException($"{file.Path}: there are two entries '{twice}'; expected names that are all different.");
    }

    private void ReadPacked(in ZipEntry entry, EncodedImage into)
    {
        try
        {
            long data = ZipDirectory.Data(file, entry);
            into.Resize((int)entry.Packed);
            file.Read(data, into.Bytes);
        }
        catch (FormatException error)
        {
            throw new InvalidDataException($"The archive is damaged: {error.Message}.", error);
        }
    }

    private static unsafe void Inflate(ReadOnlySpan<byte> packed, long size, EncodedImage into)
    {
        // What a few bytes cannot hold is damage, or an attack, and gets no memory.
        if (size > (packed.Length * (long)MostRatio) + Smallest)
            throw new InvalidDataException($"The zip entry is damaged: {packed.Length} bytes can't hold {size}.");
        into.Resize((int)size);
        fixed (byte* bytes = packed)
        {
            if (bytes is null) return;
            using UnmanagedMemoryStream stream = new(bytes, packed.Length);
            using DeflateStream deflate = new(stream, CompressionMode.Decompress);
            int found = deflate.ReadAtLeast(into.Bytes, (int)size, throwOnEndOfStream: false);
            if (found == size && deflate.ReadByte() < 0) return;
            string held = found < size ? $"{found}" : "more";
            throw new InvalidDataException($"The zip entry is damaged: it holds {held} bytes, expected {size}.");
        }
    }

    private static string Method(int number) => number switch
    {
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        93 => "Zstandard",
        95 => "xz",
        99 => "AES",
        _ => $"method {number}",
    };
}
