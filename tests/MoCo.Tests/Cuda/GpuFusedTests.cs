using MoCo.Encoders;
using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Gpu;
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

    [Fact]
    public void What_cannot_be_compiled_says_why_and_is_not_fused()
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
