using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared;

/// <summary>TorchSharp's arithmetic with plain numbers, each held for as long as libtorch reads it.</summary>
internal static class HeldArithmetic
{
    public static Tensor Plus(this Tensor x, Tensor y) => x.add(y, HeldScalars.One);

    public static Tensor Plus(this Tensor x, double y) => With(y, held => x.add(held, HeldScalars.One));

    public static Tensor Minus(this Tensor x, double y) => With(y, held => x.sub(held));

    public static Tensor Times(this Tensor x, double y) => With(y, held => x.mul(held));

    public static Tensor Times(this Tensor x, long y)
    {
        using Scalar held = y.ToScalar();
        return x.mul(held);
    }

    public static Tensor Over(this Tensor x, double y) => With(y, held => x.div(held));

    public static Tensor Remainder(this Tensor x, long y)
    {
        using Scalar held = y.ToScalar();
        return x.remainder(held);
    }

    public static Tensor Squared(this Tensor x) => x.mul(x);

    /// <summary>Sets every element.</summary>
    public static void Fill(this Tensor x, double value) => With(value, held => x.fill_(held));

    /// <summary>0, step, 2·step … below <paramref name="stop"/>.</summary>
    public static Tensor Counting(long stop, long step = 1, ScalarType dtype = ScalarType.Int64)
    {
        using Scalar from = 0L.ToScalar(), to = stop.ToScalar(), by = step.ToScalar();
        return arange(from, to, by, dtype: dtype);
    }

    public static Tensor Filled(double value, params long[] shape) => With(value, held => full(shape, held, dtype: ScalarType.Float32));

    /// <summary>The state of torch's default generator.</summary>
    public static byte[] RandomBytes()
    {
        using Tensor state = RandomState.Copy();
        return state.AllBytes();
    }

    private static Tensor With(double value, Func<Scalar, Tensor> operation)
    {
        using Scalar held = value.ToScalar();
        return operation(held);
    }
}
