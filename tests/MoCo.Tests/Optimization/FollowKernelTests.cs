using MoCo.Optimization;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

public sealed class FollowKernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(16_389)]
    [InlineData(100_003)]
    public void It_is_libtorchs_lerp_bit_for_bit_and_leaves_a_copy(long length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(length);
        foreach ((double share, int threads) in ((double, int)[])[(0.001, 1), (0.3, 2), (0.5, 3), (0.7, 1), (1, 1)])
        {
            using HeldThreads held = new(threads);
            Tensor key = randn(length), query = randn(length), before = zeros(length), old = key.clone(), expected = key.clone();
            using Scalar taken = share.ToScalar();
            FusedSteps.Follow(expected, query, taken);
            Assert.True(FlatPass.Fit(key, query, before));
            FusedSteps.Follow(key, query, share, before);
            Assert.Equal(expected.ToFloats(), key.ToFloats());
            Assert.Equal(old.ToFloats(), before.ToFloats());
        }
    }

    [Fact]
    public void Other_than_float32_on_a_CPU_goes_by_two_passes()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor key = zeros(4, dtype: ScalarType.Float64), query = ones(4, dtype: ScalarType.Float64), before = ones_like(key);
        Assert.False(FlatPass.Fit(key, query, before));
        FusedSteps.Follow(key, query, 0.25, before);
        Assert.All(key.to(ScalarType.Float32).ToFloats(), value => Assert.Equal(0.25f, value));
        Assert.All(before.to(ScalarType.Float32).ToFloats(), value => Assert.Equal(0f, value));
        Assert.False(FlatPass.Fit(zeros(0), zeros(0)));
    }
}
