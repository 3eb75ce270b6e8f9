using System.Buffers.Binary;

namespace MoCo.Data;

/// <summary>The chunks of a WebP.</summary>
internal static class WebpChunks
{
    private const int NameAndLength = 8;
    private const int Header = 12;

    /// <summary>Whether the content is a WebP's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) =>
        file.Length >= Header && file.StartsWith("RIFF"u8) && file[8..].StartsWith("WEBP"u8);

    /// <summary>Refuses a WebP that ends early: a decoder may leave the missing rows grey without a word.</summary>
    /// <exception cref="InvalidDataException">The file is shorter than it says, or ends before its first picture does.</exception>
    internal static void CheckComplete(ReadOnlySpan<byte> file)
    {
        var length = BinaryPrimitives.ReadUInt32LittleEndian(file[4..]);
        if (length > (uint)(file.Length - NameAndLength) || length < Header - NameAndLength)
            throw new InvalidDataException($"The WebP is truncated: it has {file.Length} bytes and says {length + (long)NameAndLength}.");
        for (var rest = file[Header..(int)(length + NameAndLength)]; rest.Length >= NameAndLength;)
        {
            var bytes = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (bytes > (uint)(rest.Length - NameAndLength))
                break;
            if (HoldsPicture(rest))
                return;
            // Chunks of odd lengths are padded, the last one not always.
            rest = rest[(int)Math.Min((uint)rest.Length, NameAndLength + bytes + (bytes & 1))..];
        }

        throw new InvalidDataException("The WebP is truncated: it lacks a part of its picture.");
    }

    /// <summary>Lossy, lossless, or a frame of an animation.</summary>
    private static bool HoldsPicture(ReadOnlySpan<byte> chunk) =>
        chunk.StartsWith("VP8 "u8) || chunk.StartsWith("VP8L"u8) || chunk.StartsWith("ANMF"u8);
}
