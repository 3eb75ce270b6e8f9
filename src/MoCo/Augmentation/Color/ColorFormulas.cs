using System.Runtime.CompilerServices;
using static System.Runtime.CompilerServices.MethodImplOptions;

namespace MoCo.Augmentation.Color;

/// <summary>One color operation, pixel by pixel, on values 0 … 255; fractions of what it leaves are cut off.</summary>
internal interface IColorFormula
{
    void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>;
}

/// <summary>Away from (factor above 1) or towards (below 1) one grey level, as PIL's <c>Image.blend</c> does it: brightness with level 0,
/// contrast with the image's mean.</summary>
internal readonly struct Blend(float factor, float level) : IColorFormula
{
    [MethodImpl(AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes by = TLanes.Of(factor), from = TLanes.Of(level);
        red = Of(red, from, by);
        green = Of(green, from, by);
        blue = Of(blue, from, by);
    }

    /// <summary>Two roundings, as PIL's: not a fused multiply-add.</summary>
    [MethodImpl(AggressiveInlining)]
    internal static TLanes Of<TLanes>(TLanes value, TLanes level, TLanes factor)
        where TLanes : struct, ILanes<TLanes>
        => TLanes.Min(TLanes.Max(level + (factor * (value - level)), TLanes.Of(0)), TLanes.Of(255));
}

/// <summary>The grey image: ITU-R 601-2 luma in PIL's 16-bit fixed point.</summary>
internal readonly struct Luma : IColorFormula
{
    private const float Unit = 1f / (1 << 16);

    [MethodImpl(AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
        => red = green = blue = Of(red, green, blue);

    /// <summary>(19595·R + 38470·G + 7471·B + ½·2¹⁶) / 2¹⁶, truncated. All sums stay below 2²⁴, so floats hold them exactly.</summary>
    [MethodImpl(AggressiveInlining)]
    internal static TLanes Of<TLanes>(TLanes red, TLanes green, TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = TLanes.MultiplyAdd(blue, TLanes.Of(7471 * Unit), TLanes.Of(0.5f));
        sum = TLanes.MultiplyAdd(green, TLanes.Of(38470 * Unit), sum);
        return TLanes.Truncate(TLanes.MultiplyAdd(red, TLanes.Of(19595 * Unit), sum));
    }
}

/// <summary>Away from or towards the grey image.</summary>
internal readonly struct Saturation(float factor) : IColorFormula
{
    [MethodImpl(AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes by = TLanes.Of(factor), grey = Luma.Of(red, green, blue);
        red = Blend.Of(red, grey, by);
        green = Blend.Of(green, grey, by);
        blue = Blend.Of(blue, grey, by);
    }
}

/// <summary>Inverts the values from a threshold up: solarisation.</summary>
internal readonly struct Inversion(float threshold) : IColorFormula
{
    [MethodImpl(AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes limit = TLanes.Of(threshold), white = TLanes.Of(255);
        red = TLanes.WhereLess(red, limit, red, white - red);
        green = TLanes.WhereLess(green, limit, green, white - green);
        blue = TLanes.WhereLess(blue, limit, blue, white - blue);
    }
}
