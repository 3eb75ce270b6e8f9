using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>
/// A safetensors file open for reading. Its header is checked whole before any memory is taken for tensors: size, JSON,
/// types, shapes, offsets within the file, no hole and no overlap.
/// </summary>
public sealed class SafetensorsFile : IDisposable
{
    /// <summary>The largest header that is read, in bytes.</summary>
    public const long HeaderLimit = 100_000_000;

    private readonly FileStream stream;
    private readonly byte[] header;
    private readonly Dictionary<string, SafetensorsEntry> entries;

    private SafetensorsFile(FileStream stream, byte[] header, SafetensorsHeader parsed)
    {
        (this.stream, this.header) = (stream, header);
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
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        try
        {
            Span<byte> prefix = stackalloc byte[8];
            if (stream.Length < 8) throw new InvalidDataException($"{path} has {stream.Length} bytes; expected a safetensors file (a header length of 8 bytes first).");
            stream.ReadExactly(prefix);
            long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
            if (length is < 2 or > HeaderLimit || length > stream.Length - 8)
                throw new InvalidDataException($"{path} states a header of {length} bytes; expected 2 to {Math.Min(HeaderLimit, stream.Length - 8)} (truncated, or not a safetensors file).");
            var header = new byte[length];
            stream.ReadExactly(header);
            return new SafetensorsFile(stream, header, SafetensorsHeader.Parse(path, header, stream.Length - 8 - length));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    /// <summary>Reads a tensor into memory of its own.</summary>
    /// <param name="name">Its name.</param>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    public Tensor Read(string name)
    {
        if (!entries.TryGetValue(name, out SafetensorsEntry? entry))
            throw new KeyNotFoundException($"{stream.Name} has no tensor '{name}'; it has {string.Join(", ", entries.Keys.Take(5))}{(entries.Count > 5 ? ", …" : "")}.");
        Tensor tensor = empty([.. entry.Shape], dtype: entry.Type, device: CPU);
        stream.Position = 8 + header.Length + entry.Start;
        if (entry.Length > 0) tensor.ReadBytesFromStream(stream, 1 << 20);
        return tensor;
    }

    /// <summary>Compares the file's bytes with its seal.</summary>
    /// <exception cref="InvalidDataException">There is no seal, or a byte was changed since the file was written.</exception>
    public void VerifySeal()
    {
        if (!Metadata.TryGetValue(SafetensorsWriter.DigestKey, out string? stated) || stated.Length != 64)
            throw new InvalidDataException($"{stream.Name} has no seal; expected a metadata entry '{SafetensorsWriter.DigestKey}' of 64 digits.");

        byte[] unsealed = [.. header];
        int digits = unsealed.AsSpan().IndexOf(Encoding.ASCII.GetBytes(stated));
        if (digits >= 0) Encoding.ASCII.GetBytes(SafetensorsWriter.EmptyDigest).CopyTo(unsealed, digits);

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        hash.AppendData(prefix);
        hash.AppendData(unsealed);
        stream.Position = 8 + header.Length;
        var buffer = new byte[1 << 20];
        for (int read; (read = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, read);
        string actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != stated)
            throw new InvalidDataException($"{stream.Name} was damaged after it was written: its bytes have the digest {actual[..16]}…, its seal says {stated[..16]}….");
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();
}
