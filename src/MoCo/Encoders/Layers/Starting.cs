using TorchSharp.Modules;

namespace MoCo.Encoders.Layers;

/// <summary>Parameters as a network begins with them.</summary>
internal static class Starting
{
    public static Parameter With(long[] shape, Action<Tensor> start)
    {
        Tensor values = empty(shape).DetachFromDisposeScope();
        start(values);
        return new Parameter(values);
    }

    /// <summary>The type that layers compute in.</summary>
    public static ScalarType Type(this Precision precision) => precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
}
