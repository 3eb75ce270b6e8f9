using System.Buffers.Binary;

namespace MoCo.Data;

/// <summary>The chunks of a PNG.</summary>
internal static class PngChunks
{
    private const int LengthAndName = 8;
    private const int Checksum = 4;

    private static ReadOnlySpan<byte> Signature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Whether the content is a PNG's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) => file.StartsWith(Signature);

    /// <summary>Refuses a PNG that ends early: a decoder may leave the missing rows black without a word.</summary>
    /// <exception cref="InvalidDataException">The file ends before its last chunk.</exception>
    internal static void CheckComplete(ReadOnlySpan<byte> file)
    {
        for (var rest = file[Signature.Length..]; rest.Length >= LengthAndName;)
        {
            if (rest[4..].StartsWith("IEND"u8))
                return;
            var bytes = LengthAndName + (long)BinaryPrimitives.ReadUInt32BigEndian(rest) + Checksum;
            if (bytes > rest.Length)
                break;
            rest = rest[(int)bytes..];
        }

        throw new InvalidDataException("The PNG is truncated: it has no end.");
    }
}
