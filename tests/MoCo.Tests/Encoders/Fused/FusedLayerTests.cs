using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Parts;
using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.Fused;

/// <summary>A fused layer gives what its convolution, BatchNorm and ReLU give by autograd in float64.</summary>
public sealed class FusedLayerTests
{
    public static TheoryData<int, int, int, int, int, int> Shapes => new()
    {
        // images, channels, size, kernel, groups of BatchNorm, threads
        { 4, 16, 6, 3, 1, 1 },
        { 14, 16, 12, 3, 2, 3 },
        { 15, 19, 9, 1, 2, 2 },  // neither channels nor rows fill vectors
        { 32, 3, 15, 3, 1, 4 },
        { 6, 300, 3, 1, 3, 2 },  // more channels than a tile
        { 7, 64, 1, 3, 1, 2 },   // images of one pixel
        { 11, 8, 33, 3, 4, 3 },  // more rows than a tile
        { 2, 1, 4, 1, 1, 1 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void With_ReLU_it_equals_the_formula(int images, int channels, int size, int kernel, int groups, int threads)
        => CheckReLU(CPU, images, channels, size, kernel, groups, threads);

    internal static void CheckReLU(Device device, int images, int channels, int size, int kernel, int groups, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(images, channels, kernel, groups, device: device);
        (Tensor input, Tensor gradient) = (layers.Images(5, size), layers.Images(channels, size));
        Layers.Results expected = layers.Plain(input, gradient, static (x, _) => x.relu());

        using FusedPass pass = new() { IsKept = true, Threads = threads };
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        Tensor y = layer.Rectify();
        layers.Check(expected, y, layer.Backward(gradient.clone())!);

        using FusedPass forgotten = new() { Threads = threads, Counts = false };
        using IDisposable constant = no_grad();
        Layers.Near(expected.Output, FusedLayers.Of(layers.Convolution, layers.Norm, input, forgotten).Rectify(), "in place");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void With_a_residual_path_it_equals_the_formula(int images, int channels, int size, int kernel, int groups, int threads)
        => CheckResidualPath(CPU, images, channels, size, kernel, groups, threads);

    internal static void CheckResidualPath(Device device, int images, int channels, int size, int kernel, int groups, int threads)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(images, channels, kernel, groups, device: device);
        (Tensor input, Tensor gradient) = (layers.Images(5, size), layers.Images(channels, size));
        (Tensor identity, Tensor more) = (layers.Images(channels, size), layers.Images(channels, size));
        Layers.Results expected = layers.Plain(input, gradient.Plus(more), (x, _) => x.Plus(identity.to(x.dtype)).relu());

        using FusedPass pass = new() { IsKept = true, Threads = threads };
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        Tensor y = layer.RectifySum(identity), passed = gradient.clone();
        layer.MaskAndSum(y, passed, more);
        layers.Check(expected, y, layer.BackwardOfSum(passed)!);
        Layers.Near(gradient.Plus(more).mul(y.gt(zeros_like(y)).to(ScalarType.Float32)), passed, "gradient of the identity");
    }

    [Fact]
    public void With_another_layer_as_its_residual_path_both_equal_the_formula() => CheckTwo(CPU);

    internal static void CheckTwo(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers first = new(6, 24, 3, 2, device: device), second = new(6, 24, 1, 2, seed: 2, device);
        (Tensor input, Tensor gradient) = (first.Images(5, 5), first.Images(24, 5));
        Tensor other = second.Outputs(input);
        Layers.Results expected = first.Plain(input, gradient, (x, _) => x.Plus(other).relu());
        Tensor main = first.Outputs(input);
        Layers.Results expectedOther = second.Plain(input, gradient, (x, _) => x.Plus(main).relu());

        using FusedPass pass = new() { IsKept = true, Threads = 2 };
        FusedLayer layer = FusedLayers.Of(first.Convolution, first.Norm, input, pass);
        FusedLayer shortcut = FusedLayers.Of(second.Convolution, second.Norm, input, pass);
        Tensor y = layer.RectifySum(shortcut), passed = gradient.clone();
        layer.MaskAndSum(y, passed, null);
        shortcut.SumsLike(layer, passed);
        second.Check(expectedOther, y, shortcut.BackwardOfSum(passed)!);
        first.Check(expected, y, layer.BackwardOfSum(passed)!);
    }

    [Fact]
    public void A_number_far_from_the_mean_costs_no_digits() => CheckOutlier(CPU);

    internal static void CheckOutlier(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(6, 16, 1, 2, device: device);
        Tensor input = layers.Images(5, 20), gradient = layers.Images(16, 20);
        using (no_grad())
        {
            foreach (int first in (int[])[0, 3]) input.narrow(0, first, 1).narrow(2, 0, 1).narrow(3, 0, 1).copy_(tensor(1e4f));
        }
        Layers.Results expected = layers.Plain(input, gradient, static (x, _) => x.relu());
        using FusedPass pass = new() { IsKept = true };
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        layer.Rectify();
        foreach ((Tensor buffer, (string name, Tensor found)) in expected.Statistics.Zip(layers.Norm.named_buffers()))
            Layers.Near(buffer, found, name);
    }

    [Fact]
    public void What_is_no_number_stays_none()
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(4, 8, 1, 1);
        Tensor input = layers.Images(5, 3);
        using (no_grad()) input[0, 0, 0, 0].copy_(tensor(float.NaN));
        using FusedPass pass = new();
        using IDisposable constant = no_grad();
        Tensor y = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass).Rectify();
        Assert.All(y.ToFloats(), value => Assert.True(float.IsNaN(value)));
    }

    [Fact]
    public void Frozen_weights_get_no_gradient() => CheckFrozen(CPU);

    internal static void CheckFrozen(Device device)
    {
        using DisposeScope scope = NewDisposeScope();
        using Layers layers = new(4, 8, 1, 1, device: device);
        layers.Norm.Weight.requires_grad = false;
        layers.Convolution.Weight.requires_grad = false;
        using FusedPass pass = new() { IsKept = true };
        (Tensor input, Tensor gradient) = (layers.Images(5, 3), layers.Images(8, 3));
        Layers.Results expected = layers.Plain(input, gradient, static (x, _) => x.relu());
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        layer.Rectify();
        Layers.Near(expected.Input, layer.Backward(gradient.clone())!, "gradient of the input");
        Assert.Null(layers.Norm.Weight.grad);
        Assert.Null(layers.Convolution.Weight.grad);
        Layers.Near(expected.Bias, layers.Norm.Bias.grad!, "gradient of the bias");
    }
}
