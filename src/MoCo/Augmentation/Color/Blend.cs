using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>Away from (factor above 1) or towards (below 1) one grey level, as PIL's <c>Image.blend</c> does it: brightness
/// with level 0, contrast with the image's mean.</summary>
internal readonly struct Blend(float factor, float level) : IColorFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes by = TLanes.Of(factor);
        TLanes from = TLanes.Of(level);
        red = Of(red, from, by);
        green = Of(green, from, by);
        blue = Of(blue, from, by);
    }

    /// <summary>Two roundings, as PIL's: not a fused multiply-add.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Of<TLanes>(TLanes value, TLanes level, TLanes factor)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.Min(TLanes.Max(level + (factor * (value - level)), TLanes.Of(0)), TLanes.Of(255));
}
