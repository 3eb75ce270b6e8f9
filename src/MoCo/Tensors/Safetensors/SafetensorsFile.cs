using System.Security.Cryptography;
using System.Text;

namespace MoCo.Tensors.Safetensors;

/// <summary>A safetensors file open for reading. Its header is checked whole before any memory is taken for tensors: size, JSON, names,
/// types, shapes, offsets within the file, no hole and no overlap.</summary>
internal sealed class SafetensorsFile : IDisposable
{
    /// <summary>The largest header that is read, in bytes.</summary>
    public const long HeaderLimit = 100_000_000;

    private readonly DataFile file;
    private readonly byte[] header;

    private SafetensorsFile(DataFile file, byte[] header)
    {
        (this.file, this.header) = (file, header);
        long data = 8 + header.Length;
        SafetensorsHeader parsed = SafetensorsHeader.Parse(file.Path, header, file.Length - data);
        Metadata = parsed.Metadata;
        OrderedDictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
        foreach ((string name, TensorType element, long[] shape, long start, _) in parsed.Entries)
            tensors.Add(name, new(file.Path, element.Name, element.Type, shape, type => file.ReadTensor(data + start, type, shape)));
        Tensors = tensors;
    }

    public string Path => file.Path;

    // In the order in which they lie.
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and reads its header.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What a file of another kind should have been, for the message.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file breaks the format; the message says where.</exception>
    public static SafetensorsFile Open(string path, string expected = "a safetensors file") => DataFile.Open(path).HandTo(file =>
    {
        Span<byte> prefix = stackalloc byte[9];
        if (file.Length < prefix.Length) throw file.IsNot(expected);
        file.Read(0, prefix);
        long length = BinaryPrimitives.ReadInt64LittleEndian(prefix);
        if (length is < 2 or > HeaderLimit || length > file.Length - 8)
        {
            // The header's first byte tells a damaged length from a file of another kind.
            throw prefix[8] != '{' ? file.IsNot(expected) : new InvalidDataException($"{path} states a header of {length} bytes; "
                + $"expected 2 to {Math.Min(HeaderLimit, file.Length - 8)} (truncated, or not a safetensors file).");
        }
        byte[] header = new byte[length];
        file.Read(8, header);
        return new SafetensorsFile(file, header);
    });

    /// <summary>Reads a tensor into memory of its own.</summary>
    /// <exception cref="KeyNotFoundException">There is no tensor of that name.</exception>
    /// <exception cref="NotSupportedException">TorchSharp has no such element type.</exception>
    public Tensor Read(string name) => Tensors.TryGetValue(name, out StoredTensor? tensor)
        ? tensor.Read()
        : throw new KeyNotFoundException($"{file.Path} has no tensor '{name}'; "
            + $"it has {string.Join(", ", Tensors.Keys.Take(5))}{(Tensors.Count > 5 ? ", …" : "")}.");

    /// <summary>A tensor's shape, where it is of a type and has so many dimensions.</summary>
    /// <exception cref="InvalidDataException">There is no such tensor, or it is another one.</exception>
    public IReadOnlyList<long> ShapeOf(string name, ScalarType type, int dimensions)
    {
        StoredTensor entry = Tensors.GetValueOrDefault(name)
            ?? throw new InvalidDataException($"{file.Path} has no tensor '{name}'; expected one.");
        return entry.Type == type && entry.Shape.Count == dimensions ? entry.Shape : throw new InvalidDataException(
            $"{file.Path}: {name} is {string.Join('×', entry.Shape)} {entry.Type}; expected {dimensions} dimensions of {type}.");
    }

    /// <summary>Refuses a file whose metadata name another format than a program's own, or a damaged one.</summary>
    /// <exception cref="InvalidDataException">It is another format, or a byte was changed since the file was written.</exception>
    public void Require(string format, string schema, string what)
    {
        string Stated(string name) => Metadata.GetValueOrDefault(name) ?? "not stated";
        (string found, string version) = (Stated("format"), Stated("schema"));
        if (found != format || version != schema)
        {
            throw new InvalidDataException($"{file.Path} is no {what} that can be read: its format is '{found}', schema '{version}'; "
                + $"expected '{format}', '{schema}'.");
        }
        VerifySeal();
    }

    /// <summary>Compares the file's bytes with its seal.</summary>
    /// <exception cref="InvalidDataException">There is no seal, or a byte was changed since the file was written.</exception>
    public void VerifySeal()
    {
        if (!Metadata.TryGetValue(SafetensorsWriter.DigestKey, out string? stated) || stated.Length != 64)
        {
            throw new InvalidDataException(
                $"{file.Path} has no seal; expected a metadata entry '{SafetensorsWriter.DigestKey}' of 64 digits.");
        }
        string actual = Digest(stated);
        if (actual != stated)
        {
            throw new InvalidDataException($"{file.Path} was damaged after it was written: "
                + $"its bytes have the digest {actual[..16]}…, its seal says {stated[..16]}….");
        }
    }

    /// <summary>The digest of all bytes with the digits of a seal set to 0.</summary>
    public string Digest(string stated)
    {
        byte[] unsealed = [.. header];
        int digits = unsealed.AsSpan().IndexOf(Encoding.ASCII.GetBytes(stated));
        if (digits >= 0) Encoding.ASCII.GetBytes(SafetensorsWriter.EmptyDigest).CopyTo(unsealed, digits);

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 16];
        BinaryPrimitives.WriteInt64LittleEndian(buffer, header.Length);
        hash.AppendData(buffer, 0, 8);
        hash.AppendData(unsealed);
        for (long position = 8 + header.Length; position < file.Length; position += buffer.Length)
        {
            Span<byte> next = buffer.AsSpan(0, (int)Math.Min(buffer.Length, file.Length - position));
            file.Read(position, next);
            hash.AppendData(next);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => file.Dispose();
}
