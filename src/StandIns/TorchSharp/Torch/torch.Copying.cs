namespace TorchSharp;

// copies and conversions of type, as functions
public static partial class torch
{
    public static Tensor clone(Tensor input) => input.clone();
}
