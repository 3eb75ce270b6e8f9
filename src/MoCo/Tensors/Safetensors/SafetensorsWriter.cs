using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MoCo.Files;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tensors.Safetensors;

/// <summary>
/// Writes tensors in the safetensors layout: 8 bytes of header length, a JSON header (name → dtype, shape, offsets), then
/// the numbers, row-major and little-endian. The metadata entry <c>sha256</c> seals the file: it is the digest of all its
/// bytes with the 64 digits themselves set to 0.
/// </summary>
public static class SafetensorsWriter
{
    internal const string DigestKey = "sha256";
    private const int LeastForTwoThreads = 1 << 18;
    internal static readonly string EmptyDigest = new('0', 64);

    /// <summary>Writes a file, atomically.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and tensors, in the order to lie in the file; any device, any strides.</param>
    /// <param name="metadata">Further text entries of the header.</param>
    /// <param name="bytes">Tensors of types that TorchSharp lacks; they follow the others.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="ArgumentException">A name occurs twice, is empty or is reserved; bytes do not fit their type and shape.</exception>
    /// <exception cref="NotSupportedException">The format has no such element type.</exception>
    public static void Write(string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null, IReadOnlyList<SafetensorsBytes>? bytes = null)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        bytes ??= [];
        byte[] header = Header(tensors, metadata ?? new Dictionary<string, string>(), bytes);
        AtomicFile.Write(path, stream =>
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
            stream.Write(length);
            stream.Write(header);
            hash.AppendData(length);
            hash.AppendData(header);

            foreach ((string _, Tensor tensor) in tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable _ = no_grad();
                WriteAndHash(tensor.detach().cpu().contiguous(), stream, hash);
            }
            foreach (SafetensorsBytes part in bytes)
            {
                stream.Write(part.Bytes.Span);
                hash.AppendData(part.Bytes.Span);
            }

            stream.Position = 8 + header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(EmptyDigest));
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset())));
        });
    }

    /// <summary>Large tensors are written and hashed at the same time, since either takes about as long as the other.</summary>
    private static void WriteAndHash(Tensor dense, FileStream stream, IncrementalHash hash)
    {
        long length = dense.NumberOfElements * dense.ElementSize;
        if (length is < LeastForTwoThreads or > int.MaxValue)
        {
            using var both = new HashingStream(stream, hash);
            dense.WriteBytesToStream(both, 1 << 20);
            return;
        }
        Task hashing = Task.Run(() => hash.AppendData(dense.bytes));
        try
        {
            stream.Write(dense.bytes);
        }
        finally
        {
            hashing.Wait();
        }
    }

    private static byte[] Header(IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string> metadata, IReadOnlyList<SafetensorsBytes> bytes)
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__", "" };
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteStartObject("__metadata__");
            json.WriteString(DigestKey, EmptyDigest);
            foreach ((string key, string value) in metadata)
            {
                if (key == DigestKey) throw new ArgumentException($"The metadata has an entry '{DigestKey}'; that name is reserved for the file's seal.", nameof(metadata));
                json.WriteString(key, value);
            }
            json.WriteEndObject();

            long offset = 0;
            foreach ((string name, Tensor tensor) in tensors) Entry(name, TensorType.Of(tensor.dtype), tensor.shape);
            foreach (SafetensorsBytes part in bytes)
            {
                TensorType type = TensorType.Find(part.TypeName)
                    ?? throw new NotSupportedException($"'{part.Name}' is of type '{part.TypeName}'; expected one of {TensorType.Names}.");
                long before = offset;
                Entry(part.Name, type, part.Shape);
                if (offset - before != part.Bytes.Length)
                    throw new ArgumentException($"'{part.Name}' has {part.Bytes.Length} bytes; expected {offset - before} for {string.Join("×", part.Shape)} {type.Name}.", nameof(bytes));
            }
            json.WriteEndObject();

            void Entry(string name, TensorType type, IReadOnlyList<long> shape)
            {
                if (!names.Add(name)) throw new ArgumentException($"The name '{name}' occurs twice or is reserved.", nameof(tensors));
                json.WriteStartObject(name);
                json.WriteString("dtype", type.Name);
                json.WriteStartArray("shape");
                foreach (long dimension in shape) json.WriteNumberValue(dimension);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(offset);
                json.WriteNumberValue(offset += shape.Aggregate((long)type.Size, (product, d) => checked(product * d)));
                json.WriteEndArray();
                json.WriteEndObject();
            }
        }
        // Spaces after the header align the numbers to 8 bytes, as the format allows.
        while (buffer.Length % 8 != 0) buffer.WriteByte((byte)' ');
        return buffer.ToArray();
    }
}
