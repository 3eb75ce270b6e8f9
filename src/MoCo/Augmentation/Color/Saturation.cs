using System.Runtime.CompilerServices;

namespace MoCo.Augmentation.Color;

/// <summary>Away from or towards the grey image.</summary>
internal readonly struct Saturation(float factor) : IColorFormula
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes by = TLanes.Of(factor);
        TLanes grey = Luma.Of(red, green, blue);
        red = Blend.Of(red, grey, by);
        green = Blend.Of(green, grey, by);
        blue = Blend.Of(blue, grey, by);
    }
}
