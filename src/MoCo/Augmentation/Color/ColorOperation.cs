namespace MoCo.Augmentation.Color;

/// <summary>One pointwise operation with its parameter.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Amount">Brightness, contrast and saturation: the factor; hue: the shift in turns, −½ … ½; solarisation: the
/// threshold.</param>
internal readonly record struct ColorOperation(ColorOperationKind Kind, double Amount = 0)
{
    /// <summary>The hue's shift in 1/256 turns as torchvision makes it: of 255 steps, truncated towards 0, modulo 256.</summary>
    internal int HueSteps => unchecked((byte)(int)(Amount * 255));
}

internal enum ColorOperationKind
{
    Brightness,
    Contrast,
    Saturation,
    Hue,
    Grayscale,
    Solarize,
}
