using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Conversion;

/// <summary>Writes floats as one number type, in memory of any alignment.</summary>
internal unsafe interface IValueWriter
{
    /// <summary>Writes sixteen values.</summary>
    static abstract void Write(byte* into, nint index, Vector256<float> low, Vector256<float> high);

    /// <summary>Writes one value.</summary>
    static abstract void Write(byte* into, nint index, float value);
}

/// <summary>Writes floats as they are.</summary>
internal readonly unsafe struct Float32Writer : IValueWriter
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* into, nint index, Vector256<float> low, Vector256<float> high)
    {
        low.Store((float*)into + index);
        high.Store((float*)into + index + Vector256<float>.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* into, nint index, float value) => Unsafe.WriteUnaligned((float*)into + index, value);
}

/// <summary>Writes the upper halves of floats, rounded to nearest, ties to even. The floats are finite.</summary>
internal readonly unsafe struct BFloat16Writer : IValueWriter
{
    private const uint AlmostHalf = 0x7FFF;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* into, nint index, Vector256<float> low, Vector256<float> high) =>
        Narrow(Round(low.AsUInt32()), Round(high.AsUInt32())).Store((ushort*)into + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* into, nint index, float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        Unsafe.WriteUnaligned((ushort*)into + index, (ushort)((bits + AlmostHalf + ((bits >> 16) & 1)) >> 16));
    }

    private static Vector256<uint> Round(Vector256<uint> bits) =>
        (bits + Vector256.Create(AlmostHalf) + ((bits >>> 16) & Vector256<uint>.One)) >>> 16;

    /// <summary>The processor packs half by half, so that the halves' middles have to change places.</summary>
    private static Vector256<ushort> Narrow(Vector256<uint> low, Vector256<uint> high) => Avx2.IsSupported
        ? Avx2.Permute4x64(Avx2.PackUnsignedSaturate(low.AsInt32(), high.AsInt32()).AsUInt64(), 0b11_01_10_00).AsUInt16()
        : Vector256.Narrow(low, high);
}
