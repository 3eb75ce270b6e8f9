using System.IO.Compression;

namespace MoCo.Imaging.Tiff;

/// <summary>Counts what a strip of a TIFF unpacks to: ImageSharp leaves the rest of a strip that ends early as it was.</summary>
internal static class TiffStrip
{
    private const int ClearCode = 256;
    private const int EndCode = 257;
    private const int FirstFreeCode = 258;
    private const int LowestCodeBits = 9;
    private const int HighestCodeBits = 12;
    private const uint AdlerModulus = 65521;
    private const int MostBehindEnd = 1 << 20;

    /// <summary>Whether a strip unpacks, and to at least as many bytes as expected.</summary>
    internal static bool Holds(ReadOnlySpan<byte> strip, TiffCompression compression, long expected) => !strip.IsEmpty && compression switch
    {
        TiffCompression.None => strip.Length >= expected,
        TiffCompression.PackBits => HoldsPackBits(strip, expected),
        TiffCompression.Lzw => HoldsLzw(strip, expected),
        _ => HoldsDeflate(strip, expected),
    };

    private static bool HoldsPackBits(ReadOnlySpan<byte> strip, long expected)
    {
        while (!strip.IsEmpty && expected > 0)
        {
            sbyte head = (sbyte)strip[0];
            (int unpacked, int packed) = head >= 0 ? (head + 1, head + 1) : head == sbyte.MinValue ? (0, 0) : (1 - head, 1);
            if (strip.Length <= packed) return false;
            strip = strip[(1 + packed)..];
            expected -= unpacked;
        }
        // A run beyond the strip's end is as wrong as one that lacks.
        return expected == 0;
    }

    private static bool HoldsLzw(ReadOnlySpan<byte> strip, long expected)
    {
        Span<ushort> lengths = stackalloc ushort[1 << HighestCodeBits];
        lengths[..ClearCode].Fill(1);
        (int next, int codeBits, int previous) = (FirstFreeCode, LowestCodeBits, -1);
        for (long place = 0; expected > 0;)
        {
            if (place + codeBits > strip.Length * 8L) return false;
            // Codes begin with the highest bit and spread over at most three bytes.
            int first = (int)(place / 8);
            int second = first + 1 < strip.Length ? strip[first + 1] : 0, third = first + 2 < strip.Length ? strip[first + 2] : 0;
            int three = (strip[first] << 16) | (second << 8) | third;
            int code = (three >> (24 - codeBits - (int)(place % 8))) & ((1 << codeBits) - 1);
            place += codeBits;
            if (code == ClearCode)
            {
                (next, codeBits, previous) = (FirstFreeCode, LowestCodeBits, -1);
                continue;
            }
            // The code that is just being made may be used; before the first code of a table nothing is made.
            bool isMade = previous >= 0 && next < lengths.Length;
            if (code == EndCode || code > next || (code == next && !isMade) || (code > EndCode && previous < 0)) return false;
            if (isMade) lengths[next++] = (ushort)(lengths[previous] + 1);
            expected -= lengths[code];
            previous = code;
            // Codes grow one early.
            if (next >= (1 << codeBits) - 1 && codeBits < HighestCodeBits) codeBits++;
        }
        return true;
    }

    private static unsafe bool HoldsDeflate(ReadOnlySpan<byte> strip, long expected)
    {
        Span<byte> buffer = stackalloc byte[4096];
        (uint low, uint high) = (1u, 0u);
        fixed (byte* start = strip)
        {
            using UnmanagedMemoryStream packed = new(start, strip.Length);
            using ZLibStream unpacked = new(packed, CompressionMode.Decompress);
            try
            {
                // A strip may unpack to rows behind the page's last one, but not without an end.
                for (long most = expected + MostBehindEnd; unpacked.Read(buffer) is > 0 and int bytes && most > 0; most -= bytes)
                {
                    expected -= bytes;
                    foreach (byte value in buffer[..bytes])
                        (low, high) = ((low + value) % AdlerModulus, (high + low + value) % AdlerModulus);
                }
            }
            catch (InvalidDataException)
            {
                return false;
            }
        }
        // The stream compares its checksum if it comes to its end, and says nothing if it does not.
        Span<byte> checksum = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(checksum, (high << 16) | low);
        return expected <= 0 && strip[^Math.Min(strip.Length, checksum.Length + 1)..].IndexOf(checksum) >= 0;
    }
}

/// <summary>The compressions of a TIFF that are read.</summary>
internal enum TiffCompression
{
    None = 1,
    FaxGroup4 = 4,
    Lzw = 5,
    Deflate = 8,
    PackBits = 32773,
    OldDeflate = 32946,
}
