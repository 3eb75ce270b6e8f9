namespace MoCo.Augmentation.Color;

internal enum ColourOperationKind
{
    Brightness,
    Contrast,
    Saturation,
    Hue,
    Grayscale,
    Solarize,
}
