using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using MoCo.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tensors.Safetensors;

/// <summary>
/// A safetensors file open for reading. Its header is checked whole before any memory is taken for tensors: size, JSON,
/// names, types, shapes, offsets within the file, no hole and no overlap.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The largest header that is read, in bytes.</summary>
    public const long HeaderLimit = 100_000_000;

    private readonly DataFile file;
    private readonly byte[] header;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(DataFile file, byte[] header, SafetensorsHeader parsed)
    {
        (this.file, this.header) = (file, header);
        Entries = parsed.Entries;
        Metadata = parsed.Metadata;
        entries = parsed.Entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors in the order in which they lie.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The text entries of the header.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file breaks the format; the message says where.</exception>
    public static SafetensorsFile Open(string path)
    {
        DataFile file = DataFile.Open(path);
        try
        {
            Span<byte> prefix = stackalloc byte[8];
            if (file.Length < 8) throw new InvalidDataException($"{path} has {file.Length} bytes; expected a safetensors file (a header length of 8 bytes first).");
            file.Read(0, prefix);
            long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (length is < 2 or > HeaderLimit || length > file.Length - 8)
                throw new InvalidDataException($"{path} states a header of {length} bytes; expected 2 to {Math.Min(HeaderLimit, file.Length - 8)} (truncated, or not a safetensors file).");
            var header = new byte[length];
            file.Read(8, header);
            return new SafetensorsFile(file, header, SafetensorsHeader.Parse(path, header, file.Length - 8 - length));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor into memory of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    /// <exception cref="NotSupportedException">TorchSharp has no such element type; <see cref="Slice"/> gives the bytes.</exception>
    public Tensor Read(string name)
    {
        SafetensorsEntry entry = Find(name);
        if (entry.Type is not ScalarType type)
            throw new NotSupportedException($"{file.Path}: tensor '{name}' is {entry.TypeName}, which TorchSharp can't hold; its bytes can be read with {nameof(Slice)}.");
        TorchLibrary.Load();
        Tensor tensor = empty([.. entry.Shape], dtype: type, device: CPU);
        if (entry.Length > 0)
        {
            using Stream section = file.Section(8 + header.Length + entry.Start, entry.Length);
            tensor.ReadBytesFromStream(section, (int)Math.Min(entry.Length, 1 << 20));
        }
        return tensor;
    }

    /// <summary>Looks at a tensor's bytes, row-major and little-endian, where they lie in the mapped file: no copy is made.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="start">First byte, counted from the tensor's own.</param>
    /// <param name="length">How many bytes; null for the rest, up to 2 GB at a time.</param>
    /// <returns>Memory that can be looked at until this file is disposed; then its <c>Span</c> throws.</returns>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The tensor has no such bytes.</exception>
    public ReadOnlyMemory<byte> Slice(string name, long start = 0, int? length = null)
    {
        SafetensorsEntry entry = Find(name);
        if (start < 0 || start > entry.Length) throw new ArgumentOutOfRangeException(nameof(start), start, $"expected 0 to {entry.Length}, the length of '{name}'.");
        long rest = entry.Length - start;
        if (length < 0 || length > rest) throw new ArgumentOutOfRangeException(nameof(length), length, $"expected 0 to {rest}, what '{name}' has from there on.");
        return file.Map(8 + header.Length + entry.Start + start, length ?? (int)Math.Min(rest, int.MaxValue));
    }

    /// <summary>Compares the file's bytes with its seal.</summary>
    /// <exception cref="InvalidDataException">There is no seal, or a byte was changed since the file was written.</exception>
    public void VerifySeal()
    {
        if (!Metadata.TryGetValue(SafetensorsWriter.DigestKey, out string? stated) || stated.Length != 64)
            throw new InvalidDataException($"{file.Path} has no seal; expected a metadata entry '{SafetensorsWriter.DigestKey}' of 64 digits.");

        byte[] unsealed = [.. header];
        int digits = unsealed.AsSpan().IndexOf(Encoding.ASCII.GetBytes(stated));
        if (digits >= 0) Encoding.ASCII.GetBytes(SafetensorsWriter.EmptyDigest).CopyTo(unsealed, digits);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        hash.AppendData(prefix);
        hash.AppendData(unsealed);
        var buffer = new byte[1 << 20];
        using Stream rest = file.Section(8 + header.Length, file.Length - 8 - header.Length);
        for (int read; (read = rest.Read(buffer, 0, buffer.Length)) > 0;) hash.AppendData(buffer, 0, read);
        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != stated)
            throw new InvalidDataException($"{file.Path} was damaged after it was written: its bytes have the digest {actual[..16]}…, its seal says {stated[..16]}….");
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private SafetensorsEntry Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return entries.TryGetValue(name, out SafetensorsEntry? entry)
            ? entry
            : throw new KeyNotFoundException($"{file.Path} has no tensor '{name}'; it has {string.Join(", ", entries.Keys.Take(5))}{(entries.Count > 5 ? ", …" : "")}.");
    }
}
