using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>Turns the hue in PIL's HSV, whose three channels have 8 bits each.</summary>
/// <remarks>Exact: PIL's results, including how its floats round, for every color and shift. Where the formulas here are shorter than
/// PIL's, all 2²⁴ colors were compared; the tests do so again.</remarks>
/// <param name="shift">Steps of 1/256 turn, 0 … 255.</param>
internal readonly struct HueShift(int shift) : IColorFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes larger = TLanes.Max(green, blue);
        TLanes smaller = TLanes.Min(green, blue);
        TLanes value = TLanes.Max(red, larger);
        TLanes chroma = value - TLanes.Min(red, smaller);
        TLanes saturation = TLanes.Truncate(chroma * TLanes.Of(255) / TLanes.Max(value, TLanes.Of(1)));

        TLanes hue = Hue(red, green, blue, larger, smaller, value, chroma) + TLanes.Of(shift);
        hue = TLanes.WhereLess(hue, TLanes.Of(256), hue, hue - TLanes.Of(256));

        // Back: each channel falls short of the value by saturation · value · w, where w is 0 in the two sectors of the color
        // circle about the channel's own hue, 85 in the two opposite and a slope in between; a circle has 510 = 6 · 85 steps.
        TLanes angle = hue + hue;
        TLanes depth = saturation * value;
        TLanes rounded = value + TLanes.Of(0.5f);
        red = Channel(TLanes.Of(170) - TLanes.Abs(angle - TLanes.Of(255)), depth, rounded);
        green = Channel(TLanes.Abs(angle - TLanes.Of(170)) - TLanes.Of(85), depth, rounded);
        blue = Channel(TLanes.Abs(angle - TLanes.Of(340)) - TLanes.Of(85), depth, rounded);
    }

    /// <summary>0 … 255. In sixths of the circle the hue is start ± (maximum − middle) / chroma, rounded as PIL rounds it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Hue<TLanes>(TLanes red, TLanes green, TLanes blue, TLanes larger, TLanes smaller, TLanes value, TLanes chroma)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Of(1);
        TLanes middle = TLanes.Max(smaller, TLanes.Min(red, larger));
        TLanes distance = (value - middle) / TLanes.Max(chroma, one);

        // Which of the three is the maximum (red, or else the larger of green and blue) and which the minimum says where the
        // sector starts and in which sense it runs.
        TLanes sense = TLanes.WhereLess(green, blue, one, TLanes.Of(-1));
        TLanes otherSense = TLanes.Of(0) - sense;
        TLanes startAfterRed = TLanes.WhereLess(red, smaller, TLanes.Of(3), TLanes.WhereLess(green, blue, TLanes.Of(5), one));
        TLanes senseAfterRed = TLanes.WhereLess(red, smaller, sense, otherSense);
        TLanes start = TLanes.WhereLess(red, larger, startAfterRed, otherSense);
        sense = TLanes.WhereLess(red, larger, senseAfterRed, sense);

        TLanes sixths = TLanes.MultiplyAdd(sense, distance, start);
        TLanes hue = sixths / TLanes.Of(6) * TLanes.Of(255);
        return TLanes.Truncate(hue + TLanes.WhereLess(sixths, TLanes.Of(0), TLanes.Of(255), TLanes.Of(0)));
    }

    /// <summary>value − saturation · value · w / (255 · 85), rounded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Channel<TLanes>(TLanes slope, TLanes depth, TLanes rounded)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes weight = TLanes.Min(TLanes.Max(slope, TLanes.Of(0)), TLanes.Of(85));
        return TLanes.MultiplyAdd(depth * weight, TLanes.Of(-1f / (255 * 85)), rounded);
    }
}
