using System.IO.Compression;

namespace MoCo.Data;

/// <summary>Reads one IDX file of unsigned bytes, gzip or not, and trusts nothing that its header says.</summary>
/// <remarks>Layout: two zero bytes, the type code 0x08 (unsigned byte), the number of dimensions, each dimension as a big-endian 32-bit
/// integer, then the values.</remarks>
internal static class IdxFile
{
    private const byte UnsignedByte = 0x08;

    /// <summary>Deflate cannot pack more than about 1,032 bytes into one: what a header may promise for a gzip file of a known
    /// length.</summary>
    private const long HighestGzipRatio = 1_100;

    internal static (int[] Dimensions, byte[] Values) Read(string path, int dimensionCount, string content)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
        bool zipped = IsGzip(file);
        using Stream stream = zipped ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
        try
        {
            return Read(stream, path, zipped ? null : file.Length, file.Length, dimensionCount, content);
        }
        catch (InvalidDataException error) when (!error.Message.Contains(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path}: the gzip data is corrupt ({error.Message.TrimEnd('.')}).", error);
        }
    }

    private static (int[], byte[]) Read(Stream stream, string path, long? length, long fileLength, int dimensionCount, string content)
    {
        Span<byte> header = stackalloc byte[4 + (4 * dimensionCount)];
        int read = stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (read >= 4) CheckMagic(header, path, dimensionCount, content, isZipped: length is null);
        if (read < header.Length) throw Wrong(path, $"expected an IDX header of {header.Length} bytes, found a file of {read}.");

        int[] dimensions = new int[dimensionCount];
        Int128 total = Int128.One;
        for (int i = 0; i < dimensionCount; i++)
        {
            uint value = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + (4 * i))..]);
            if (value is 0 or > int.MaxValue) throw Wrong(path, $"dimension {i} of {content} must be 1 to {int.MaxValue}, found {value}.");
            dimensions[i] = (int)value;
            total *= value;
        }
        string shape = string.Join('×', dimensions);
        if (total > Array.MaxLength) throw Wrong(path, $"{shape} is {total} bytes of {content}; at most {Array.MaxLength} are read.");
        if (length is { } plain && plain != header.Length + (long)total)
            throw Wrong(path, $"{shape} needs a file of {header.Length + (long)total} bytes, found {plain}.");
        if (length is null && total > fileLength * HighestGzipRatio)
            throw Wrong(path, $"{shape} is {total} bytes of {content}, more than a gzip file of {fileLength} bytes can hold.");
        byte[] values = GC.AllocateUninitializedArray<byte>((int)total);
        int got = stream.ReadAtLeast(values, values.Length, throwOnEndOfStream: false);
        if (got < values.Length) throw Wrong(path, $"{shape} needs {values.Length} bytes of {content}, found {got}.");
        // One byte more is enough to know: a bomb behind the data is never unpacked.
        if (stream.ReadByte() >= 0) throw Wrong(path, $"{shape} needs {values.Length} bytes of {content}, found more.");
        return (dimensions, values);
    }

    private static void CheckMagic(ReadOnlySpan<byte> header, string path, int dimensionCount, string content, bool isZipped)
    {
        string expected = $"0000{UnsignedByte:X2}{dimensionCount:X2}";
        string found = Convert.ToHexString(header[..4]);
        string kind = $"unsigned bytes, {dimensionCount} dimensions: {content}";
        if (expected == found) return;
        string remark = isZipped ? "" : FileSignature.Remark(path);
        throw Wrong(path, $"expected IDX magic 0x{expected} ({kind}), found 0x{found}{remark}.");
    }

    private static bool IsGzip(FileStream file)
    {
        bool zipped = file.ReadByte() == 0x1F && file.ReadByte() == 0x8B;
        file.Position = 0;
        return zipped;
    }

    private static InvalidDataException Wrong(string path, string what) => new($"{path}: {what}");
}
