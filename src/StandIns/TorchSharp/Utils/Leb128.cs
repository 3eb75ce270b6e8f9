using System;
using System.IO;

namespace TorchSharp.Utils;

/// <summary>Non-negative integers in groups of seven bits, low ones first: how the save format writes numbers.</summary>
internal static class Leb128
{
    internal static void Encode(this BinaryWriter writer, long value)
    {
        if (value < 0) throw new ArgumentOutOfRangeException(nameof(value), value, "LEB128 encodes no negative numbers.");
        for (; value > 0x7f; value >>= 7) writer.Write((byte)((value & 0x7f) | 0x80));
        writer.Write((byte)value);
    }

    internal static long Decode(this BinaryReader reader)
    {
        long value = 0;
        for (int shift = 0; ; shift += 7)
        {
            if (shift > 56) throw new InvalidDataException("A number in the stream runs past 63 bits.");
            long group = reader.ReadByte();
            value |= (group & 0x7f) << shift;
            if (group < 0x80) return value;
        }
    }
}
