using MoCo.Encoders.Fused.Parts;
using MoCo.Tensors.Cuda;
using TorchSharp.Modules;

namespace MoCo.Encoders.Fused.Gpu;

/// <summary>A fused layer in a GPU's memory, float32, bfloat16 or float16. Sums are of float32, then of float64, in an order that is always
/// the same.</summary>
internal sealed class GpuLayer : FusedLayer
{
    // Blocks for each processor: all that fit side by side where each gives a sum; else more, since they end at different times.
    private const int SummingBlocks = 8, OtherBlocks = 32;

    private readonly GpuKernels kernels;
    private readonly GpuShape shape;
    private readonly int groups;
    private readonly GpuCut summing;
    private readonly GpuCut passing;
    private readonly Tensor figures;
    private (Tensor Spots, long[] Sides)? pooling;
    private readonly long x;

    // For each channel of each group: what normalises, 1/√(variance + ε) as the deviation, and backward's line.
    private readonly long mean, deviation, a, b, q, r;

    /// <inheritdoc/>
    public GpuLayer(Convolution convolution, SplitBatchNorm2d norm, Tensor input, FusedPass pass, bool passesGradient)
        : base(convolution, norm, input, pass, passesGradient)
    {
        long[] size = Values.shape, sizes = BatchGroups.SizesOf(size[0], norm.Splits);
        groups = sizes.Length;
        shape = new GpuShape((int)size[1], (int)sizes[^1], sizes.Count(images => images > sizes[^1]), (int)(size[2] * size[3]));
        kernels = GpuKernels.Of(GpuKernels.GpuOf(Values.device), Values.dtype, shape.Channels);
        (summing, passing) = (kernels.Cut(shape, groups, SummingBlocks), kernels.Cut(shape, groups, OtherBlocks));
        x = Address(Values);
        int numbers = groups * shape.Channels, bytes = numbers * sizeof(float);
        figures = empty(6 * numbers, dtype: ScalarType.Float32, device: Values.device).DetachFromDisposeScope();
        mean = CudaTensors.Address(figures);
        (deviation, a, b, q, r) = (mean + bytes, mean + 2 * bytes, mean + 3 * bytes, mean + 4 * bytes, mean + 5 * bytes);
        Measure(pass.Counts);
    }

    public override Tensor Rectify()
    {
        Tensor y = NewOutput();
        Pass("rectify", x, Address(y), a, b);
        return y;
    }

    public override Tensor? RectifyAndPool()
    {
        long[] size = Values.shape;
        long height = (size[2] + 1) / 2, width = (size[3] + 1) / 2;
        using Tensor rows = empty(size[0], height, width, size[1], dtype: Values.dtype, device: Values.device);
        Tensor y = rows.permute(0, 3, 1, 2);
        GpuShape pooled = shape with { Pixels = (int)(height * width) };
        if (IsKept)
        {
            Tensor spots = empty(rows.numel(), dtype: ScalarType.Byte, device: Values.device).DetachFromDisposeScope();
            pooling = (spots, [size[2], size[3], height, width]);
        }
        kernels.OverRows("rectify_pool", pooled, kernels.Cut(pooled, groups, OtherBlocks), sums: false,
            [size[2], size[3], height, width, x, Address(y), pooling is null ? 0 : CudaTensors.Address(pooling.Value.Spots), a, b]);
        return y;
    }

    public override Tensor RectifySum(Tensor identity)
    {
        Tensor y = NewOutput();
        Pass("rectify_sum", x, Address(y), a, b, Address(identity));
        return y;
    }

    public override Tensor RectifySum(FusedLayer other)
    {
        GpuLayer second = (GpuLayer)other;
        Tensor y = NewOutput();
        Pass("rectify_both", x, Address(y), a, b, second.x, second.a, second.b);
        return y;
    }

    public override Tensor? Backward(Tensor gradient)
    {
        long g = Address(gradient);
        string pooled = "";
        long[] first = [x, g];
        if (pooling is { } of) (pooled, first) = ("_pooled", [.. of.Sides, x, g, CudaTensors.Address(of.Spots)]);
        using (Tensor partial = Partial())
        {
            Sum("sums" + pooled, partial, [.. first, a, b, mean]);
            MakeLine(partial);
        }
        Pass("input_gradient" + pooled, [.. first, a, b, q, r]);
        gradient.Dispose();
        return Convolved();
    }

    public override void MaskAndSum(Tensor y, Tensor gradient, Tensor? more)
    {
        using Tensor partial = Partial();
        Sum("mask_and_sum", partial, Address(y), Address(gradient), more is null ? 0 : Address(more), x, mean);
        MakeLine(partial);
    }

    public override void SumsLike(FusedLayer other, Tensor gradient)
    {
        using Tensor partial = Partial();
        Sum("sums_plain", partial, x, Address(gradient), mean);
        MakeLine(partial);
    }

    public override Tensor? BackwardOfSum(Tensor gradient)
    {
        Pass("input_gradient_plain", x, Address(gradient), a, q, r);
        return Convolved();
    }

    public override void Dispose()
    {
        figures?.Dispose();
        pooling?.Spots.Dispose();
        base.Dispose();
    }

    private void Measure(bool counts)
    {
        using Tensor partial = Partial();
        Sum("moments", partial, x);
        (Tensor runningMean, Tensor runningVariance) = Norm.Statistics;
        kernels.OverChannels("normalise", shape, x, CudaTensors.Address(partial), summing.Blocks, groups,
            BitConverter.DoubleToInt64Bits(Norm.Epsilon), BitConverter.DoubleToInt64Bits(Norm.Momentum),
            CudaTensors.Address(Norm.Weight), CudaTensors.Address(Norm.Bias),
            counts ? CudaTensors.Address(runningMean) : 0, counts ? CudaTensors.Address(runningVariance) : 0, mean, deviation, a, b);
        if (counts) Norm.CountBatch();
    }

    /// <summary>BatchNorm's backward from its sums; adds the gradients of weight and bias.</summary>
    private void MakeLine(Tensor partial)
        => kernels.OverChannels("line", shape, CudaTensors.Address(partial), summing.Blocks, groups, mean, deviation, a, q, r,
            Gradient(Norm.Weight), Gradient(Norm.Bias));

    /// <summary>Memory for two sums of each block.</summary>
    private Tensor Partial()
        => empty(2L * groups * shape.Channels * summing.Blocks, dtype: ScalarType.Float32, device: Values.device);

    private void Sum(string kernel, Tensor partial, params ReadOnlySpan<long> arguments)
        => kernels.OverRows(kernel, shape, summing, sums: true, [.. arguments, CudaTensors.Address(partial)]);

    private void Pass(string kernel, params ReadOnlySpan<long> arguments)
        => kernels.OverRows(kernel, shape, passing, sums: false, arguments);

    private long Address(Tensor images)
    {
        using Tensor rows = images.permute(0, 2, 3, 1);
        long address = CudaTensors.Address(images);
        if (images.dtype != Values.dtype || !rows.is_contiguous() || address % 16 != 0)
        {
            throw new InvalidOperationException($"{images.dtype} with strides {string.Join(", ", images.stride())} at {address % 16}; "
                + $"expected {Values.dtype}, channels-last, at the beginning of 16 bytes.");
        }
        return address;
    }

    private static long Gradient(Parameter parameter)
    {
        using Tensor? gradient = SplitBatchNorm2d.GradientOf(parameter);
        return gradient is null ? 0 : CudaTensors.Address(gradient);
    }
}
