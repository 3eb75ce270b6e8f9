using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class UtilsTests
{
    [Theory]
    [InlineData(2.0, 5.0)]
    [InlineData(1.0, 7.0)]
    [InlineData(double.PositiveInfinity, 4.0)]
    public void Clipping_scales_all_gradients_to_the_common_norm(double norm, double expected)
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [WithGradient(3), WithGradient(4), nn.Parameter(zeros(1))];
        Assert.Equal(expected, nn.utils.clip_grad_norm_(parameters, 1.0, norm), 5);
        Assert.Equal(3 / expected, parameters[0].grad!.item<float>(), 1e-4);
        Assert.Equal(4 / expected, parameters[1].grad!.item<float>(), 1e-4);

        Assert.Equal(1, nn.utils.clip_grad_norm_(parameters, 2.0, norm), 4);
        Assert.Equal(3 / expected, parameters[0].grad!.item<float>(), 1e-4);
    }

    [Fact]
    public void Clipping_by_value_bounds_each_element()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [WithGradient(-3), WithGradient(0.5f)];
        nn.utils.clip_grad_value_(parameters, 1);
        Assert.Equal(-1, parameters[0].grad!.item<float>());
        Assert.Equal(0.5f, parameters[1].grad!.item<float>());
    }

    [Fact]
    public void Parameters_become_a_vector_and_views_of_a_vector()
    {
        using var scope = NewDisposeScope();
        using var linear = nn.Linear(3, 2);
        var vector = nn.utils.parameters_to_vector(linear.parameters());
        Assert.Equal([8], vector.shape);
        var flat = arange(8, float32);
        nn.utils.vector_to_parameters(flat, linear.parameters());
        Assert.Equal([0, 1, 2, 3, 4, 5], linear.weight.detach().data<float>().ToArray());
        flat.mul_(2);
        Assert.Equal([12, 14], linear.bias!.detach().data<float>().ToArray());
    }

    private static Parameter WithGradient(float value)
    {
        var parameter = nn.Parameter(zeros(1));
        parameter.grad = tensor(new[] { value });
        return parameter;
    }
}
