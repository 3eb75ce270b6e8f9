using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MoCo.Tests.StandIns.NN;

public class InitTests
{
    [Fact]
    public void Kaimings_normal_has_the_deviation_of_its_fan_and_gain()
    {
        using var scope = NewDisposeScope();
        var weight = empty(64, 32, 3, 3);
        init.kaiming_normal_(weight, mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.ReLU);
        Assert.Equal(Math.Sqrt(2.0 / (64 * 9)), weight.std().item<float>(), 0.05 * Math.Sqrt(2.0 / (64 * 9)));
        Assert.Equal((32 * 9, 64 * 9), init.CalculateFanInAndFanOut(weight));
    }

    [Fact]
    public void Layers_start_uniform_within_one_over_the_root_of_the_fan_in()
    {
        using var scope = NewDisposeScope();
        using var convolution = Conv2d(16, 64, 3);
        using var linear = Linear(144, 200);
        double bound = 1 / Math.Sqrt(144);
        foreach (var tensor in new Tensor[] { convolution.weight, convolution.bias!, linear.weight, linear.bias! })
        {
            Assert.True(tensor.requires_grad && tensor.is_leaf);
            Assert.InRange(tensor.abs().max().item<float>(), 0.9 * bound, bound);
        }
    }

    [Fact]
    public void Xaviers_bound_uses_both_fans()
    {
        using var scope = NewDisposeScope();
        var weight = init.xavier_uniform_(empty(100, 50));
        double bound = Math.Sqrt(6.0 / 150);
        Assert.InRange(weight.abs().max().item<float>(), 0.95 * bound, bound);
    }

    [Fact]
    public void Gains_are_libtorchs()
    {
        Assert.Equal(1, init.calculate_gain(init.NonlinearityType.Linear));
        Assert.Equal(5.0 / 3, init.calculate_gain(init.NonlinearityType.Tanh));
        Assert.Equal(Math.Sqrt(2), init.calculate_gain(init.NonlinearityType.ReLU));
        Assert.Equal(Math.Sqrt(2 / 1.25), init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.5));
    }

    [Fact]
    public void Initialisation_writes_into_leaves_and_gives_them_back()
    {
        using var linear = Linear(3, 2);
        Assert.Same(linear.weight, init.normal_(linear.weight, 0, 0.01));
        Assert.Same(linear.bias, init.zeros_(linear.bias));
        using var half = 0.5.ToScalar();
        init.constant_(linear.weight, half);
        using var sum = linear.weight.sum();
        Assert.Equal(3, sum.item<float>());
        Assert.True(linear.weight.requires_grad);
        Assert.Throws<ArgumentException>(() => init.kaiming_uniform_(linear.bias));
    }
}
