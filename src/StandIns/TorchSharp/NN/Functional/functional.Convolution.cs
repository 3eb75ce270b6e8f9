using TorchSharp.Native;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Operator Linear = new("aten::linear");
            private static readonly Operator Convolve = new("aten::conv2d");
            private static readonly Operator ConvolvePadded = new("aten::conv2d", "padding");
            private static readonly Operator Pad = new("aten::pad");

            public static Tensor linear(Tensor input, Tensor weights, Tensor bias = null) => Linear.Invoke(input, weights, bias);

            public static Tensor conv2d(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, long[] padding = null, long[] dilation = null, long groups = 1)
                => Convolve.Invoke(input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor bias = null, long[] strides = null, Padding padding = Padding.Valid, long[] dilation = null, long groups = 1)
                => ConvolvePadded.Invoke(input, weight, bias, strides ?? [1, 1], padding == Padding.Same ? "same" : "valid", dilation ?? [1, 1], groups);

            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                // only constant padding has a value, and libtorch refuses one elsewhere
                return mode switch
                {
                    PaddingModes.Constant or PaddingModes.Zeros => Pad.Invoke(input, pad, "constant", value),
                    PaddingModes.Reflect => Pad.Invoke(input, pad, "reflect", Value.None),
                    PaddingModes.Replicate => Pad.Invoke(input, pad, "replicate", Value.None),
                    PaddingModes.Circular => Pad.Invoke(input, pad, "circular", Value.None),
                    _ => throw new ArgumentOutOfRangeException(nameof(mode), mode, "Expected one of the PaddingModes."),
                };
            }
        }
    }
}
