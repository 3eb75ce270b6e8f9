namespace MoCo.Augmentation;

internal enum ColourOperationKind
{
    Brightness,
    Contrast,
    Saturation,
    Hue,
    Grayscale,
    Solarize,
}
