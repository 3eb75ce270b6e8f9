namespace MoCo.Augmentation.Color;

internal enum ColorOperationKind
{
    Brightness,
    Contrast,
    Saturation,
    Hue,
    Grayscale,
    Solarize,
}
