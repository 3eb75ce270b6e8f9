using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>The grey image: ITU-R 601-2 luma in PIL's 16-bit fixed point.</summary>
internal readonly struct Luma : IColorFormula
{
    private const float Unit = 1f / (1 << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes> =>
        red = green = blue = Of(red, green, blue);

    /// <summary>(19595·R + 38470·G + 7471·B + ½·2¹⁶) / 2¹⁶, truncated. All sums stay below 2²⁴, so floats hold them exactly.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Of<TLanes>(TLanes red, TLanes green, TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.MultiplyAdd(blue, TLanes.Of(7471 * Unit), TLanes.Of(0.5f));
        sum = TLanes.MultiplyAdd(green, TLanes.Of(38470 * Unit), sum);
        return TLanes.Truncate(TLanes.MultiplyAdd(red, TLanes.Of(19595 * Unit), sum));
    }
}
