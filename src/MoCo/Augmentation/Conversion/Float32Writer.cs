using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace MoCo.Augmentation.Conversion;

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
