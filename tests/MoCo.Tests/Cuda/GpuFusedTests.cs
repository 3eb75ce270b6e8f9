using MoCo.Encoders;
using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Gpu;
using MoCo.Encoders.Fused.Parts;
using MoCo.Tests.Encoders.Fused;
using MoCo.Tests.Training;
using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>Fused layers on a GPU: what the same tests want of them on the CPU, and half precision.</summary>
public sealed class GpuFusedTests : IDisposable
{
    private readonly bool tf32 = backends.cudnn.allow_tf32;

    public GpuFusedTests() => backends.cudnn.allow_tf32 = false;

    public static TheoryData<int, int, int, int, int, int> Shapes => FusedLayerTests.Shapes;

    public static MatrixTheoryData<int, Precision> Networks
        => new([0, 1, 2, 3], [Precision.Float32, Precision.BFloat16, Precision.Float16]);

    public static TheoryData<string, MoCoOptions, int> Runs => FusedStepTests.Runs;

    [Fact]
    public void The_kernels_compile()
    {
        _ = Gpu.Device;
        foreach (Precision precision in Enum.GetValues<Precision>()) Assert.Null(GpuKernels.WhyNot(0, precision));
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void With_ReLU_a_layer_equals_the_formula(int images, int channels, int size, int kernel, int groups, int threads)
        => FusedLayerTests.CheckReLU(Gpu.Device, images, channels, size, kernel, groups, threads);

    [Theory]
    [MemberData(nameof(Shapes))]
    public void With_a_residual_path_a_layer_equals_the_formula(int images, int channels, int size, int kernel, int groups, int threads)
        => FusedLayerTests.CheckResidualPath(Gpu.Device, images, channels, size, kernel, groups, threads);

    [Fact]
    public void Frozen_weights_get_no_gradient() => FusedLayerTests.CheckFrozen(Gpu.Device);

    [Fact]
    public void A_number_far_from_the_mean_costs_no_digits() => FusedLayerTests.CheckOutlier(Gpu.Device);

    [Theory]
    [InlineData(4, 8, 7, 12, 1)]
    [InlineData(6, 3, 12, 7, 2)]
    [InlineData(9, 19, 1, 5, 3)]
    [InlineData(4, 64, 2, 2, 1)]
    [InlineData(5, 16, 25, 25, 2)]
    public void Pooled_a_layer_equals_the_formula(int images, int channels, int height, int width, int groups)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using Layers layers = new(images, channels, 3, groups, device: Gpu.Device);
        manual_seed(2);
        Tensor input = ChannelsLast.Make(randn(images, 5, height, width)).to(Gpu.Device);
        Tensor gradient = ChannelsLast.Make(randn(images, channels, (height + 1) / 2, (width + 1) / 2)).to(Gpu.Device);
        Layers.Results expected = layers.Plain(input, gradient, static (x, _) => nn.functional.max_pool2d(x.relu(), 3, 2, 1));

        using FusedPass pass = new() { IsKept = true };
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        Tensor y = layer.RectifyAndPool()!;
        layers.Check(expected, y, layer.Backward(gradient.clone())!);

        using (no_grad()) input[0, 0, 0, 0].copy_(tensor(float.NaN));
        using FusedPass forgotten = new();
        using IDisposable constant = no_grad();
        Tensor none = FusedLayers.Of(layers.Convolution, layers.Norm, input, forgotten).RectifyAndPool()!;
        Assert.True(none.narrow(0, 0, 1).isnan().all().cpu().item<bool>());
    }

    [Theory]
    [InlineData(Precision.BFloat16, 8, 64, 12, 1)]
    [InlineData(Precision.BFloat16, 7, 19, 9, 3)]
    [InlineData(Precision.Float16, 8, 64, 12, 2)]
    [InlineData(Precision.Float16, 7, 19, 9, 1)]
    public void In_half_precision_a_layer_is_off_by_its_rounding(Precision precision, int images, int channels, int size, int groups)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        using Layers layers = new(images, channels, 3, groups, device: Gpu.Device, precision: precision);
        (ScalarType type, double rounding) = precision == Precision.BFloat16 ? (ScalarType.BFloat16, 4e-3) : (ScalarType.Float16, 5e-4);
        Tensor input = layers.Images(5, size).to(type), gradient = layers.Images(channels, size).to(type), x;
        using (no_grad()) x = layers.Convolution.call(input);
        Layers.Results expected = layers.AfterConvolution(x, gradient);

        using FusedPass pass = new() { IsKept = true };
        FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
        Layers.Near(expected.Output, layer.Rectify(), "output", rounding);
        Tensor passed = layer.Backward(gradient.clone())!;
        Layers.Near(expected.Weight, layers.Norm.Weight.grad!, "gradient of the weight", 1e-4);
        Layers.Near(expected.Bias, layers.Norm.Bias.grad!, "gradient of the bias", 1e-4);
        foreach ((Tensor buffer, (string name, Tensor found)) in expected.Statistics.Zip(layers.Norm.named_buffers()))
            Layers.Near(buffer, found, name);

        Tensor leaf = input.to(ScalarType.Float64).requires_grad_();
        Tensor weight = layers.Convolution.Weight.detach().to(type).to(ScalarType.Float64);
        nn.functional.conv2d(leaf, weight, null, [1L, 1L], [1L, 1L]).backward([expected.Input]);
        Layers.Near(leaf.grad!, passed, "gradient of the input", 4 * rounding);
    }

    [Fact]
    public void A_network_of_float64_stays_one()
    {
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Width = 0.25, Stem = Stem.ImageNet, BatchNormSplits = 1 };
        using NetworkRun onCpu = new(options, ScalarType.Float64), onGpu = new(options, ScalarType.Float64, Gpu.Device);
        onCpu.Step(null);
        onGpu.Step(null);
        Layers.Near(onCpu.Features!, onGpu.Features!, "features", 1e-6); // the mean of the places is of float32
        Assert.InRange(onGpu.DistanceTo(onCpu), 0, 1e-6);
    }

    [Fact]
    public void Two_layers_with_one_sum_equal_the_formula() => FusedLayerTests.CheckTwo(Gpu.Device);

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_network_is_as_near_to_float64_as_the_plain_one(int network, Precision precision)
    {
        Device gpu = Gpu.Device;
        EncoderOptions options = FusedNetworkTests.Networks.ElementAt(network).Data.Item2;
        using NetworkRun exact = new(options, ScalarType.Float64);
        using NetworkRun plain = new(options, ScalarType.Float32, gpu, precision), fused = new(options, ScalarType.Float32, gpu, precision);
        exact.Step(null);
        plain.Step(null);
        using FusedPasses passes = new(fused.Encoder, (ResNet)fused.Encoder.Backbone, checkpointing: false);
        Assert.True(((ResNet)fused.Encoder.Backbone).Fuses(fused.Images));
        fused.Step(passes);
        // Half precision is as far from float64 as its rounding, which fifty layers of few pixels make as large as the numbers.
        (double allowed, double rounding) = precision switch
        {
            Precision.Float32 => (3, 1e-4),
            Precision.Float16 => (1.5, 5e-4),
            _ => (1.5, 4e-3),
        };
        Assert.InRange(fused.DistanceTo(exact), 0, allowed * plain.DistanceTo(exact) + rounding);
        AsNear(exact.Features!, plain.Features!, fused.Features!, "features");
        foreach (((string name, Tensor right, Tensor without), (_, _, Tensor with)) in FusedNetworkTests.Buffers(exact, plain)
            .Zip(FusedNetworkTests.Buffers(exact, fused)))
            AsNear(right, without, with, name);

        void AsNear(Tensor right, Tensor without, Tensor with, string what)
            => Assert.True(Off(right, with) <= allowed * Off(right, without) + rounding,
                $"{what}: {Off(right, with)} off, {Off(right, without)} without");
    }

    [Fact]
    public void Where_no_GPU_can_be_used_the_reason_is_given()
    {
        Assert.SkipWhen(cuda.is_available(), "a GPU is there");
        Assert.Contains("libtorch", GpuKernels.WhyNot(0, Precision.Float32), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void Weights_and_statistics_move_as_without(string kind, MoCoOptions options, int smallViews)
        => FusedStepTests.CheckMoves(Gpu.Device, kind, options, smallViews);

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Passes_give_the_same_bits_each_time(Precision precision)
    {
        Device gpu = Gpu.Device;
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Width = 0.25, Stem = Stem.SmallImage, BatchNormSplits = 2 };
        using NetworkRun one = new(options, ScalarType.Float32, gpu, precision), other = new(options, ScalarType.Float32, gpu, precision);
        foreach (NetworkRun run in (NetworkRun[])[one, other])
        {
            using FusedPasses passes = new(run.Encoder, (ResNet)run.Encoder.Backbone, checkpointing: false);
            run.Step(passes);
        }
        Assert.Equal(one.Features!.AllBytes(), other.Features!.AllBytes());
        Assert.All(FusedNetworkTests.Buffers(one, other), pair => Assert.Equal(pair.Expected.AllBytes(), pair.Found.AllBytes()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_of_a_layer_have_the_same_bits_each_time(bool pooled)
    {
        Assert.Equal(Run(), Run());

        byte[] Run()
        {
            using TorchSharp.DisposeScope scope = NewDisposeScope();
            using Layers layers = new(16, 64, 3, 2, device: Gpu.Device);
            Tensor input = layers.Images(5, 64), gradient = layers.Images(64, pooled ? 32 : 64);
            using FusedPass pass = new() { IsKept = true };
            FusedLayer layer = FusedLayers.Of(layers.Convolution, layers.Norm, input, pass);
            _ = pooled ? layer.RectifyAndPool() : layer.Rectify();
            _ = layer.Backward(gradient);
            return [.. layers.Norm.Weight.grad!.AllBytes(), .. layers.Norm.Bias.grad!.AllBytes()];
        }
    }

    [Fact]
    public void What_cannot_be_compiled_says_why()
    {
        _ = Gpu.Device;
        string message = Assert.Throws<NotSupportedException>(() => new MoCo.Tensors.Cuda.CudaProgram("nonsense", 0)).Message;
        Assert.Contains("nonsense", message, StringComparison.Ordinal);
    }

    /// <summary>How far numbers are off, as a share of the right ones' norm.</summary>
    private static double Off(Tensor right, Tensor found)
    {
        using TorchSharp.DisposeScope scope = NewDisposeScope();
        Tensor expected = right.cpu().to(ScalarType.Float64);
        double norm = expected.norm().item<double>();
        return found.cpu().to(ScalarType.Float64).sub(expected).norm().item<double>() / Math.Max(norm, 1e-3);
    }

    public void Dispose() => backends.cudnn.allow_tf32 = tf32;
}
