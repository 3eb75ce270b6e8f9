using System.Runtime.Intrinsics;
using MoCo.Contrast.Losses;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Losses;

public sealed class LogitRowsTests
{
    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place()
    {
        for (float x = -86.9f; x <= 0; x += 0.00137f)
        {
            double exact = Math.Exp(x), off = Math.Abs(LogitRows.Exp(Vector512.Create(x))[0] - exact);
            Assert.True(off <= 2 * Math.Pow(2, -23) * exact, $"e^{x}: {off / exact} off");
        }
        Assert.Equal(1, LogitRows.Exp(default)[3]);
        foreach (float x in (ReadOnlySpan<float>)[-88, -1e30f, float.NegativeInfinity])
            Assert.Equal(0, LogitRows.Exp(Vector512.Create(x))[0]);
        Assert.True(float.IsNaN(LogitRows.Exp(Vector512.Create(float.NaN))[0]));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(5, 31)]
    [InlineData(7, 4096)]
    [InlineData(64, 33)]
    public void Two_blocks_make_what_softmax_makes_of_both(int rows, int length)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        Tensor all = randn(rows, 2 * length).Times(10);
        Tensor highest = tensor(Enumerable.Repeat(float.NegativeInfinity, rows).ToArray()).view(rows, 1), hardest = highest.clone();
        Tensor partition = zeros(rows, 1), shrink = zeros(rows, 1), sum = zeros(rows, 1);
        Tensor first = all.narrow(1, 0, length).clone().contiguous(), second = all.narrow(1, length, length).clone().contiguous();
        LogitRows.Exponentiate(first, highest, hardest, partition, shrink, sum);
        Assert.All(shrink.ToFloats(), value => Assert.Equal(0, value));
        LogitRows.Exponentiate(second, highest, hardest, partition, shrink, sum);
        Tensor exact = all.to(ScalarType.Float64), top = exact.amax([1L], keepdim: true), weights = exact.sub(top).exp();
        Near(top, highest);
        Near(top, hardest);
        Near(weights.sum(1, keepdim: true), partition);
        Near(exact.sum(1, keepdim: true), sum, 1e-3); // numbers of both signs
        Near(weights, cat([first.mul(shrink), second], 1));
    }

    [Fact]
    public void A_logit_that_is_no_number_makes_the_row_none()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor logits = zeros(2, 40), highest = zeros(2, 1), partition = ones(2, 1);
        logits[1, 17].copy_(tensor(float.NaN));
        LogitRows.Exponentiate(logits, highest, zeros(2, 1), partition, zeros(2, 1), null);
        Assert.Equal(41, partition[0, 0].item<float>());
        Assert.True(float.IsNaN(partition[1, 0].item<float>()));
    }

    private static void Near(Tensor expected, Tensor found, double tolerance = 1e-5)
        => Assert.True(expected.allclose(found.to(ScalarType.Float64), 1e-5, tolerance), $"{found}; expected {expected}");
}
