namespace MoCo.Augmentation.Color;

/// <summary>One color operation, pixel by pixel, on values 0 … 255; fractions of what it leaves are cut off.</summary>
internal interface IColorFormula
{
    void Apply<TLanes>(ref TLanes red, ref TLanes green, ref TLanes blue)
        where TLanes : struct, ILanes<TLanes>;
}
