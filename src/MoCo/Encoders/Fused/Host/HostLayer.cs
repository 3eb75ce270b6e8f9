using System.Runtime.InteropServices;
using MoCo.Encoders.Fused.Parts;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused.Host;

/// <summary>A fused layer in a processor's memory, float32.</summary>
internal sealed unsafe class HostLayer : FusedLayer
{
    private readonly RowGroups groups;
    private readonly int channels;
    private readonly float* x;

    // For each channel of each group. The two sums are x's mean and squared deviations while it is measured, and later what backward
    // adds up.
    private float* mean;
    private readonly float* deviation; // 1/√(variance + ε)
    private readonly float* a;
    private readonly float* b;
    private double* sums;
    private readonly double* products;

    /// <inheritdoc/>
    public HostLayer(Convolution convolution, SplitBatchNorm2d norm, Tensor input, FusedPass pass, bool passesGradient)
        : base(convolution, norm, input, pass, passesGradient)
    {
        x = Pointer(Values);
        groups = new RowGroups(Values.shape, norm.Splits, pass.Threads);
        channels = groups.Channels;

        int numbers = groups.Numbers;
        mean = (float*)NativeMemory.Alloc((nuint)(4 * numbers), sizeof(float));
        deviation = mean + numbers;
        a = mean + 2 * numbers;
        b = mean + 3 * numbers;
        sums = (double*)NativeMemory.Alloc((nuint)(2 * numbers), sizeof(double));
        products = sums + numbers;
        Measure(pass.Counts);
    }

    public override Tensor Rectify()
    {
        Tensor y = NewOutput();
        float* to = Pointer(y);
        groups.Run((group, row, rows) => ChannelKernels.Rectify(
            x + row * channels, to + row * channels, rows, channels, a + group * channels, b + group * channels));
        return y;
    }

    public override Tensor RectifySum(Tensor identity)
    {
        Tensor y = NewOutput();
        float* to = Pointer(y), other = Pointer(identity);
        groups.Run((group, row, rows) => ChannelKernels.RectifySum(x + row * channels, other + row * channels, to + row * channels,
            rows, channels, a + group * channels, b + group * channels));
        GC.KeepAlive(identity);
        return y;
    }

    public override Tensor RectifySum(FusedLayer other)
    {
        HostLayer second = (HostLayer)other;
        Tensor y = NewOutput();
        float* to = Pointer(y);
        groups.Run((group, row, rows) => ChannelKernels.RectifySum(x + row * channels, second.x + row * channels, to + row * channels,
            rows, channels, a + group * channels, b + group * channels, second.a + group * channels, second.b + group * channels));
        return y;
    }

    public override Tensor? Backward(Tensor gradient)
    {
        float* g = Pointer(gradient);
        groups.Sum((group, row, rows, sum, product) => ChannelKernels.Sums(x + row * channels, g + row * channels, rows, channels,
            a + group * channels, b + group * channels, mean + group * channels, sum, product), sums, products);
        float* line = NewLine();
        int numbers = groups.Numbers;
        groups.Run((group, row, rows) => ChannelKernels.InputGradient(x + row * channels, g + row * channels, rows, channels,
            a + group * channels, b + group * channels,
            line + group * channels, line + numbers + group * channels, line + 2 * numbers + group * channels));
        NativeMemory.Free(line);
        gradient.Dispose();
        return Convolved();
    }

    public override void MaskAndSum(Tensor y, Tensor gradient, Tensor? more)
    {
        float* g = Pointer(gradient), result = Pointer(y), second = more is null ? null : Pointer(more);
        groups.Sum((group, row, rows, sum, product) => ChannelKernels.MaskAndSum(result + row * channels, g + row * channels,
            second == null ? null : second + row * channels, x + row * channels, rows, channels, mean + group * channels, sum, product),
            sums, products);
        GC.KeepAlive(y);
        GC.KeepAlive(gradient);
        GC.KeepAlive(more);
    }

    public override void SumsLike(FusedLayer other, Tensor gradient)
    {
        float* g = Pointer(gradient);
        groups.Sum((group, row, rows, _, product) =>
            ChannelKernels.Products(g + row * channels, x + row * channels, rows, channels, mean + group * channels, product),
            sums, products);
        GC.KeepAlive(gradient);
        new Span<double>(((HostLayer)other).sums, groups.Numbers).CopyTo(new Span<double>(sums, groups.Numbers));
    }

    public override Tensor? BackwardOfSum(Tensor gradient)
    {
        float* g = Pointer(gradient), line = NewLine();
        int numbers = groups.Numbers;
        groups.Run((group, row, rows) => ChannelKernels.InputGradient(x + row * channels, g + row * channels, rows, channels,
            line + group * channels, line + numbers + group * channels, line + 2 * numbers + group * channels));
        NativeMemory.Free(line);
        GC.KeepAlive(gradient);
        return Convolved();
    }

    public override void Dispose()
    {
        NativeMemory.Free(mean);
        NativeMemory.Free(sums);
        mean = null;
        sums = null;
        base.Dispose();
    }

    private static float* Pointer(Tensor x)
    {
        using Tensor rows = x.permute(0, 2, 3, 1);
        if (x.dtype != ScalarType.Float32 || !rows.is_contiguous())
        {
            throw new InvalidOperationException(
                $"{x.dtype} with strides {string.Join(", ", x.stride())}; expected Float32, channels-last.");
        }
        return rows.Address<float>();
    }

    private void Measure(bool counts)
    {
        groups.Sum((group, row, rows, means, squares) => ChannelKernels.Moments(x + row * channels, rows, channels, means, squares),
            sums, products, areMoments: true);
        ReadOnlySpan<float> weight = MemoryMarshal.Cast<byte, float>(Norm.Weight.bytes);
        ReadOnlySpan<float> bias = MemoryMarshal.Cast<byte, float>(Norm.Bias.bytes);
        for (int i = 0; i < groups.Numbers; i++)
        {
            double scale = 1 / Math.Sqrt(products[i] / groups.RowsOf(i / channels) + Norm.Epsilon);
            mean[i] = (float)sums[i];
            deviation[i] = (float)scale;
            a[i] = (float)(weight[i % channels] * scale);
            b[i] = (float)(bias[i % channels] - sums[i] * weight[i % channels] * scale);
        }
        if (counts) Norm.Count(new(sums, groups.Numbers), new(products, groups.Numbers), groups);
    }

    /// <summary>BatchNorm's backward as a line for each channel: the gradient of x is p·g + q·x + r. Adds the gradients of weight and
    /// bias.</summary>
    /// <returns>All p, all q, all r; to be freed.</returns>
    private float* NewLine()
    {
        int numbers = groups.Numbers;
        float* p = (float*)NativeMemory.Alloc((nuint)(3 * numbers), sizeof(float)), q = p + numbers, r = q + numbers;
        double[] ofWeight = new double[channels], ofBias = new double[channels];
        for (int i = 0; i < numbers; i++)
        {
            double rows = groups.RowsOf(i / channels), slope = -(double)a[i] * deviation[i] * deviation[i] * products[i] / rows;
            p[i] = a[i];
            q[i] = (float)slope;
            r[i] = (float)(-a[i] * sums[i] / rows - slope * mean[i]);
            ofWeight[i % channels] += deviation[i] * products[i];
            ofBias[i % channels] += sums[i];
        }
        Norm.AddGradients(ofWeight, ofBias);
        return p;
    }
}
