using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MoCo.Encoders.Fused;

/// <summary>A convolution and its BatchNorm in one pass, and what their backward needs. ReLU, and the sum with a residual path before it,
/// is computed with the normalisation: y ← max(0, a·x + b …), with a and b of each channel and each of BatchNorm's groups.</summary>
internal sealed unsafe class FusedLayer : IDisposable
{
    private readonly SplitBatchNorm2d norm;
    private readonly Tensor input;
    private readonly Tensor values;
    private readonly RowGroups groups;
    private readonly int channels;
    private readonly bool isKept;
    private readonly float* x;

    // For each channel of each group. The two sums are x's mean and squared deviations while it is measured, and later what backward
    // adds up.
    private float* mean;
    private readonly float* deviation; // 1/√(variance + ε)
    private readonly float* a;
    private readonly float* b;
    private double* sums;
    private readonly double* products;

    /// <summary>Convolves and measures.</summary>
    /// <param name="convolution">The convolution; its own autograd computes its gradients.</param>
    /// <param name="norm">BatchNorm, its groups contiguous.</param>
    /// <param name="input">What goes in; it stays the caller's.</param>
    /// <param name="pass">Whether a backward follows, and whether BatchNorm counts the pass.</param>
    /// <param name="passesGradient">Whether the input's gradient is wanted.</param>
    public FusedLayer(Convolution convolution, SplitBatchNorm2d norm, Tensor input, FusedPass pass, bool passesGradient = true)
    {
        pass.Own(this);
        (this.norm, isKept) = (norm, pass.IsKept);
        this.input = input.detach().DetachFromDisposeScope();
        if (isKept && passesGradient) this.input.requires_grad_(true);
        using (enable_grad(isKept)) values = Rows(convolution.call(this.input)).DetachFromDisposeScope();
        x = Pointer(values);
        groups = new RowGroups(values.shape, norm.Splits, pass.Threads);
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

    /// <summary>y ← max(0, a·x + b), in x's place where no backward follows.</summary>
    public Tensor Rectify()
    {
        Tensor y = NewOutput();
        float* to = Pointer(y);
        groups.Run((group, row, rows) => ChannelKernels.Rectify(
            x + row * channels, to + row * channels, rows, channels, a + group * channels, b + group * channels));
        return y;
    }

    /// <summary>y ← max(0, a·x + b + identity).</summary>
    public Tensor RectifySum(Tensor identity)
    {
        Tensor y = NewOutput();
        float* to = Pointer(y), other = Pointer(identity);
        groups.Run((group, row, rows) => ChannelKernels.RectifySum(x + row * channels, other + row * channels, to + row * channels,
            rows, channels, a + group * channels, b + group * channels));
        GC.KeepAlive(identity);
        return y;
    }

    /// <summary>y ← max(0, a·x + b + a′·x′ + b′), with another layer of the same size.</summary>
    public Tensor RectifySum(FusedLayer other)
    {
        Tensor y = NewOutput();
        float* to = Pointer(y);
        groups.Run((group, row, rows) => ChannelKernels.RectifySum(x + row * channels, other.x + row * channels, to + row * channels,
            rows, channels, a + group * channels, b + group * channels, other.a + group * channels, other.b + group * channels));
        return y;
    }

    /// <summary>From the gradient of max(0, a·x + b) to the input's, on the way those of the weights.</summary>
    /// <param name="gradient">N×C×H×W; disposed.</param>
    /// <returns>The input's gradient; null where it is not wanted.</returns>
    public Tensor? Backward(Tensor gradient)
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

    /// <summary>Makes of the gradient of y = max(0, …) that of the sum inside, in its own place, with the sums that BatchNorm's backward
    /// needs. <see cref="BackwardOfSum"/> follows.</summary>
    /// <param name="y">The result.</param>
    /// <param name="gradient">Its gradient, or the first part.</param>
    /// <param name="more">What is to be added to it.</param>
    public void MaskAndSum(Tensor y, Tensor gradient, Tensor? more)
    {
        float* g = Pointer(gradient), result = Pointer(y), second = more is null ? null : Pointer(more);
        groups.Sum((group, row, rows, sum, product) => ChannelKernels.MaskAndSum(result + row * channels, g + row * channels,
            second == null ? null : second + row * channels, x + row * channels, rows, channels, mean + group * channels, sum, product),
            sums, products);
        GC.KeepAlive(y);
        GC.KeepAlive(gradient);
        GC.KeepAlive(more);
    }

    /// <summary>The sums for another layer in the same sum, whose gradient is the same.</summary>
    public void SumsLike(FusedLayer other, Tensor gradient)
    {
        float* g = Pointer(gradient);
        groups.Sum((group, row, rows, _, product) =>
            ChannelKernels.Products(g + row * channels, x + row * channels, rows, channels, mean + group * channels, product),
            sums, products);
        GC.KeepAlive(gradient);
        new Span<double>(other.sums, groups.Numbers).CopyTo(new Span<double>(sums, groups.Numbers));
    }

    /// <summary>From the gradient of a·x + b to the input's, on the way those of the weights.</summary>
    /// <param name="gradient">What <see cref="MaskAndSum"/> left; it stays the caller's.</param>
    public Tensor? BackwardOfSum(Tensor gradient)
    {
        float* g = Pointer(gradient), line = NewLine();
        int numbers = groups.Numbers;
        groups.Run((group, row, rows) => ChannelKernels.InputGradient(x + row * channels, g + row * channels, rows, channels,
            line + group * channels, line + numbers + group * channels, line + 2 * numbers + group * channels));
        NativeMemory.Free(line);
        GC.KeepAlive(gradient);
        return Convolved();
    }

    public void Dispose()
    {
        NativeMemory.Free(mean);
        NativeMemory.Free(sums);
        mean = null;
        sums = null;
        input?.Dispose();
        values?.Dispose();
    }

    /// <summary>With memory that runs N, H, W, C without gaps.</summary>
    private static Tensor Rows(Tensor made)
    {
        using Tensor rows = made.permute(0, 2, 3, 1);
        if (rows.is_contiguous()) return made;
        using Tensor otherwise = made;
        return ChannelsLast.Make(otherwise);
    }

    private static float* Pointer(Tensor x)
    {
        using Tensor rows = x.permute(0, 2, 3, 1);
        if (x.dtype != ScalarType.Float32 || !rows.is_contiguous())
        {
            throw new InvalidOperationException(
                $"{x.dtype} with strides {string.Join(", ", x.stride())}; expected Float32, channels-last.");
        }
        using Tensor image = rows.narrow(0, 0, 1); // a whole batch may be more than a span holds
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(image.bytes));
    }

    private Tensor NewOutput() => isKept ? empty_like(values) : values.alias();

    private void Measure(bool counts)
    {
        groups.Sum((group, row, rows, means, squares) => ChannelKernels.Moments(x + row * channels, rows, channels, means, squares),
            sums, products, areMoments: true);
        ReadOnlySpan<float> weight = MemoryMarshal.Cast<byte, float>(norm.Weight.bytes);
        ReadOnlySpan<float> bias = MemoryMarshal.Cast<byte, float>(norm.Bias.bytes);
        for (int i = 0; i < groups.Numbers; i++)
        {
            double scale = 1 / Math.Sqrt(products[i] / groups.RowsOf(i / channels) + norm.Epsilon);
            mean[i] = (float)sums[i];
            deviation[i] = (float)scale;
            a[i] = (float)(weight[i % channels] * scale);
            b[i] = (float)(bias[i % channels] - sums[i] * weight[i % channels] * scale);
        }
        if (counts) norm.Count(new(sums, groups.Numbers), new(products, groups.Numbers), groups);
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
        norm.AddGradients(ofWeight, ofBias);
        return p;
    }

    /// <summary>Backward through the convolution, when x holds the gradient of its result.</summary>
    private Tensor? Convolved()
    {
        if (values.requires_grad)
        {
            using Tensor gradient = values.detach();
            values.backward([gradient]);
        }
        return input.requires_grad ? input.grad : null;
    }
}
