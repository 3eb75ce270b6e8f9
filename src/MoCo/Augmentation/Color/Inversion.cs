using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>Inverts the values from a threshold up: solarisation.</summary>
internal readonly struct Inversion(float threshold) : IColorFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes limit = TLanes.Of(threshold);
        TLanes white = TLanes.Of(255);
        red = TLanes.WhereLess(red, limit, red, white - red);
        green = TLanes.WhereLess(green, limit, green, white - green);
        blue = TLanes.WhereLess(blue, limit, blue, white - blue);
    }
}
