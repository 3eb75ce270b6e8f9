namespace TorchSharp;

/// <summary>How much a convolution pads: nothing, or as much as keeps the size.</summary>
public enum Padding
{
    Valid = 0,
    Same = 1,
}
