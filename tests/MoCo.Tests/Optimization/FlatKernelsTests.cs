using MoCo.Optimization;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

/// <summary>Kernels over flat parameters give what libtorch's own operators give.</summary>
public sealed class FlatKernelsTests
{
    public static TheoryData<long> Lengths => [1, 7, 64, 16_389, 100_003];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Following_is_lerp_bit_for_bit_and_leaves_a_copy(long length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(length);
        foreach (double share in (double[])[0.001, 0.3, 0.5, 0.7, 1])
        {
            Tensor key = randn(length), query = randn(length), before = zeros(length), old = key.clone();
            using Scalar taken = share.ToScalar();
            Tensor expected = key.lerp(query, taken);
            FlatKernels.Follow(key, query, before, (float)share);
            Assert.Equal(expected.ToFloats(), key.ToFloats());
            Assert.Equal(old.ToFloats(), before.ToFloats());
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_step_is_that_of_the_fused_operator(long length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(length);
        foreach (bool nesterov in (bool[])[false, true])
        {
            // What does not lie without gaps goes to libtorch's operator.
            Tensor[] apart = [.. Enumerable.Range(0, 3).Select(_ => randn(length, 2).select(1, 0))];
            Tensor[] dense = [.. apart.Select(tensor => tensor.contiguous())];
            Assert.Equal(length == 1, FlatKernels.Fit(apart));
            Assert.True(FlatKernels.Fit(dense));
            FusedSteps.Sgd(apart[0], apart[1], apart[2], 0.03, 0.9, 1e-2, nesterov);
            FusedSteps.Sgd(dense[0], dense[1], dense[2], 0.03, 0.9, 1e-2, nesterov);
            foreach ((Tensor expected, Tensor found) in apart.Zip(dense)) Fixture.Near(expected, found, 1e-6, "numbers");
            Assert.Equal(new float[length], dense[1].ToFloats());
        }
    }

    [Fact]
    public void Without_momentum_the_velocity_stays()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor values = ones(5), gradients = ones(5), velocities = zeros(5);
        FusedSteps.Sgd(values, gradients, velocities, 0.5, 0, 0);
        Assert.Equal(new float[5], velocities.ToFloats());
        Assert.All(values.ToFloats(), value => Assert.Equal(0.5f, value));
    }

    [Fact]
    public void Other_than_float32_on_a_CPU_does_not_fit()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.False(FlatKernels.Fit(zeros(4), zeros(4, dtype: ScalarType.Float64)));
        Assert.False(FlatKernels.Fit(zeros(0)));
    }
}
