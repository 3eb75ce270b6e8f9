using System.Buffers.Binary;

namespace MoCo.Imaging.Formats;

/// <summary>The length that a WebP states of itself.</summary>
internal static class WebpLength
{
    private const int NameAndLength = 8;

    /// <summary>Refuses a WebP that is shorter than it says: cut off behind its pixels it would lose its orientation without a word.</summary>
    internal static void Check(ReadOnlySpan<byte> file)
    {
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (length > (uint)(file.Length - NameAndLength))
            throw new InvalidDataException($"The WebP is truncated: it has {file.Length} bytes and says {length + (long)NameAndLength}.");
    }
}
