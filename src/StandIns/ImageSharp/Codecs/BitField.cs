using System.Numerics;

namespace SixLabors.ImageSharp.Codecs;

/// <summary>Some adjacent bits of a pixel that are one colour.</summary>
internal readonly struct BitField(uint mask)
{
    private readonly int shift = BitOperations.TrailingZeroCount(mask);
    private readonly ulong top = mask == 0 ? 0 : mask >> BitOperations.TrailingZeroCount(mask);

    /// <summary>The colour, 0 to 255; 0 for a mask without bits.</summary>
    internal byte Value(uint pixel) => top == 0 ? (byte)0 : (byte)((((ulong)((pixel & mask) >> shift) * 255) + (top / 2)) / top);
}
