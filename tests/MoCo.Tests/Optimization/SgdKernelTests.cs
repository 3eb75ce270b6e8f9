using MoCo.Optimization;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

public sealed class SgdKernelTests
{
    private static readonly (double Rate, double Momentum, double Decay, bool Nesterov)[] Steps =
        [(0.03, 0.9, 1e-4, false), (0.5, 0.99, 0, false), (0.1, 0.9, 1e-2, true), (0, 0.5, 1, false)];

    [Theory]
    [InlineData(64)]
    [InlineData(16_384)]
    [InlineData(131_072)]
    public void It_is_libtorchs_fused_step_bit_for_bit_and_zeroes_the_gradients(long length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(length);
        foreach ((double rate, double momentum, double decay, bool nesterov) in Steps)
        {
            Tensor value = randn(length), velocity = randn(length), gradient = randn(length);
            Tensor expected = value.clone(), expectedVelocity = velocity.clone();
            using Scalar step = rate.ToScalar(), keep = momentum.ToScalar(), shrink = decay.ToScalar();
            FusedSteps.Sgd(expected, gradient.clone(), expectedVelocity, step, keep, shrink, nesterov);
            Assert.True(FlatPass.Fit(value, gradient, velocity));
            FusedSteps.Sgd(value, gradient, velocity, rate, momentum, decay, nesterov);
            Assert.Equal(expected.ToFloats(), value.ToFloats());
            Assert.Equal(expectedVelocity.ToFloats(), velocity.ToFloats());
            Assert.All(gradient.ToFloats(), number => Assert.Equal(0f, number));
        }
    }

    /// <summary>libtorch rounds a part's last numbers by another formula: its results depend on the number of threads.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(16_389)]
    public void A_number_s_step_is_the_same_wherever_it_lies(long length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(length);
        foreach ((double rate, double momentum, double decay, bool nesterov) in Steps)
        {
            Tensor longer = zeros(3, length + 64);
            Tensor shorter = longer.narrow(1, 0, length).copy_(randn(3, length)).clone();
            foreach (Tensor numbers in (ReadOnlySpan<Tensor>)[longer, shorter])
                FusedSteps.Sgd(numbers[0], numbers[1], numbers[2], rate, momentum, decay, nesterov);
            Assert.Equal(longer.narrow(1, 0, length).ToFloats(), shorter.ToFloats());
        }
    }

    [Fact]
    public void A_step_is_the_same_on_any_number_of_threads()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        Tensor numbers = randn(3, 100_003);
        Tensor[] stepped = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using HeldThreads held = new(threads);
            Tensor all = numbers.clone();
            FusedSteps.Sgd(all[0], all[1], all[2], rate: 0.03, momentum: 0.9, decay: 1e-4, nesterov: true);
            return all;
        })];
        Assert.All(stepped[1..], other => Assert.Equal(stepped[0].ToFloats(), other.ToFloats()));
    }

    [Fact]
    public void Without_momentum_and_in_other_types_it_is_libtorchs()
    {
        using DisposeScope scope = NewDisposeScope();
        foreach ((ScalarType type, double momentum) in ((ScalarType, double)[])[(ScalarType.Float32, 0), (ScalarType.Float64, 0.5)])
        {
            Tensor value = ones(3, dtype: type), gradient = ones(3, dtype: type), velocity = zeros(3, dtype: type);
            FusedSteps.Sgd(value, gradient, velocity, rate: 0.25, momentum, decay: 1);
            Assert.All(value.to(ScalarType.Float32).ToFloats(), number => Assert.Equal(0.5f, number));
            Assert.All(velocity.to(ScalarType.Float32).ToFloats(), number => Assert.Equal(momentum > 0 ? 2f : 0f, number));
            Assert.All(gradient.to(ScalarType.Float32).ToFloats(), number => Assert.Equal(0f, number));
        }
    }
}
