using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace MoCo.Tensors.Safetensors;

/// <summary>Writes tensors in the safetensors layout: 8 bytes of header length, a JSON header (name → dtype, shape, offsets), then the
/// numbers, row-major and little-endian. The metadata entry <c>sha256</c> seals the file: it is the digest of all its bytes with the 64
/// digits themselves set to 0.</summary>
internal static class SafetensorsWriter
{
    public const string DigestKey = "sha256";
    public static readonly string EmptyDigest = new('0', 64);
    private const int LeastForTwoThreads = 1 << 18;

    /// <summary>Writes a file, atomically.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="tensors">Names and tensors, in the order to lie in the file; any device, any strides.</param>
    /// <param name="metadata">Further text entries of the header.</param>
    /// <exception cref="IOException">The file can't be written.</exception>
    /// <exception cref="ArgumentException">A name occurs twice, is empty or is reserved.</exception>
    /// <exception cref="NotSupportedException">The format has no such element type.</exception>
    public static void Write(
        string path, IReadOnlyList<(string Name, Tensor Tensor)> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        (string, ScalarType, long[])[] entries = [.. tensors.Select(entry => (entry.Name, entry.Tensor.dtype, entry.Tensor.shape))];
        byte[] header = Header(entries, metadata ?? new Dictionary<string, string>());
        AtomicFile.Write(path, stream =>
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
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
                foreach (Tensor piece in TensorBytes.Pieces(tensor.detach().cpu().contiguous())) WriteAndHash(piece, stream, hash);
            }
            stream.Position = 8 + header.AsSpan().IndexOf(Encoding.ASCII.GetBytes(EmptyDigest));
            stream.Write(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset())));
        });
    }

    /// <summary>Large pieces are written and hashed at the same time, since either takes about as long as the other.</summary>
    private static void WriteAndHash(Tensor piece, FileStream stream, IncrementalHash hash)
    {
        Task hashing = piece.bytes.Length < LeastForTwoThreads ? Task.CompletedTask : Task.Run(() => hash.AppendData(piece.bytes));
        try
        {
            stream.Write(piece.bytes);
        }
        finally
        {
            hashing.Wait();
        }
        if (piece.bytes.Length < LeastForTwoThreads) hash.AppendData(piece.bytes);
    }

    /// <summary>The header of tensors that lie in this order; spaces fill it to the room that is asked for, a multiple of 8.</summary>
    /// <exception cref="ArgumentException">As <see cref="Write"/>.</exception>
    /// <exception cref="NotSupportedException">The format has no such element type.</exception>
    public static byte[] Header(
        IReadOnlyList<(string Name, ScalarType Type, long[] Shape)> tensors, IReadOnlyDictionary<string, string> metadata, int room = 0)
    {
        JsonObject texts = new() { [DigestKey] = EmptyDigest };
        foreach ((string key, string value) in metadata)
        {
            if (key == DigestKey)
            {
                throw new ArgumentException(
                    $"The metadata has an entry '{DigestKey}'; that name is reserved for the file's seal.", nameof(metadata));
            }
            texts.Add(key, value);
        }
        JsonObject header = new() { ["__metadata__"] = texts };
        long offset = 0;
        foreach ((string name, ScalarType element, long[] shape) in tensors)
        {
            if (name.Length == 0 || header.ContainsKey(name))
                throw new ArgumentException($"The name '{name}' occurs twice or is reserved.", nameof(tensors));
            TensorType type = TensorType.Of(element);
            header.Add(name, new JsonObject
            {
                ["dtype"] = type.Name,
                ["shape"] = new JsonArray([.. shape]),
                ["data_offsets"] = new JsonArray(offset, offset += type.Bytes(shape)),
            });
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        // Spaces after the header align the numbers to 8 bytes, as the format allows.
        return [.. json, .. Enumerable.Repeat((byte)' ', Math.Max(room - json.Length, -json.Length & 7))];
    }
}
