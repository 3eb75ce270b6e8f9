using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused;

/// <summary>A convolution and its BatchNorm in one pass, and what their backward needs. ReLU, and the sum with a residual path before it,
/// is computed with the normalisation: y ← max(0, a·x + b …), with a and b of each channel and each of BatchNorm's groups.</summary>
internal sealed unsafe class FusedLayer : IDisposable
{
    // Fewer numbers are done sooner than another thread is woken.
    private const long LeastNumbers = 4096;

    private readonly SplitBatchNorm2d norm;
    private readonly Tensor input;
    private readonly Tensor values;
    private readonly bool isKept;
    private readonly int parts;
    private readonly float* x;
    private readonly long[] ends;
    private readonly int channels;
    private float* mean;
    private readonly float* scale;
    private readonly float* shift;
    private readonly float* deviation; // 1/√(variance + ε)
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
        this.norm = norm;
        isKept = pass.IsKept;
        this.input = input.detach().DetachFromDisposeScope();
        if (isKept && passesGradient) this.input.requires_grad_(true);
        using (enable_grad(isKept))
        {
            Tensor made = convolution.call(this.input);
            if (!IsRows(made))
            {
                using Tensor first = made;
                made = ChannelsLast.Make(first);
            }
            values = made.DetachFromDisposeScope();
        }
        x = Pointer(values);
        long[] shape = values.shape, sizes = BatchGroups.SizesOf(shape[0], norm.Splits);
        channels = (int)shape[1];
        ends = new long[sizes.Length];
        for (int group = 0; group < sizes.Length; group++)
            ends[group] = (group == 0 ? 0 : ends[group - 1]) + sizes[group] * shape[2] * shape[3];

        parts = (int)Math.Clamp(ends[^1] * channels / LeastNumbers, 1, pass.Threads);

        nuint count = (nuint)(sizes.Length * channels);
        mean = (float*)NativeMemory.Alloc(4 * count, sizeof(float));
        scale = mean + count;
        shift = mean + 2 * count;
        deviation = mean + 3 * count;
        sums = (double*)NativeMemory.Alloc(2 * count, sizeof(double));
        products = sums + count;
        Measure(pass.Counts);
    }

    /// <summary>y ← max(0, a·x + b), in x's place where no backward follows.</summary>
    public Tensor Rectify()
    {
        Tensor y = NewOutput();
        float* to = Pointer(y);
        Run((group, row, rows) => ChannelKernels.Rectify(x + row * channels, to + row * channels, rows, channels,
            scale + group * channels, shift + group * channels));
        return y;
    }

    /// <summary>y ← max(0, a·x + b + identity).</summary>
    public Tensor RectifySum(Tensor identity)
    {
        Tensor y = NewOutput();
        float* to = Pointer(y), other = Pointer(identity);
        Run((group, row, rows) => ChannelKernels.RectifySum(x + row * channels, other + row * channels, to + row * channels, rows, channels,
            scale + group * channels, shift + group * channels));
        return y;
    }

    /// <summary>y ← max(0, a·x + b + a′·x′ + b′), with another layer of the same size.</summary>
    public Tensor RectifySum(FusedLayer other)
    {
        Tensor y = NewOutput();
        float* to = Pointer(y);
        Run((group, row, rows) => ChannelKernels.RectifySum(
            x + row * channels, other.x + row * channels, to + row * channels, rows, channels, scale + group * channels,
            shift + group * channels, other.scale + group * channels, other.shift + group * channels));
        return y;
    }

    /// <summary>From the gradient of max(0, a·x + b) to the input's, on the way those of the weights.</summary>
    /// <param name="gradient">N×C×H×W; disposed.</param>
    /// <returns>The input's gradient; null where it is not wanted.</returns>
    public Tensor? Backward(Tensor gradient)
    {
        float* g = Pointer(gradient);
        SumUp((group, row, rows, sum, product) => ChannelKernels.Sums(x + row * channels, g + row * channels, rows, channels,
            scale + group * channels, shift + group * channels, mean + group * channels, sum, product));
        Coefficients coefficients = new(this);
        Run((group, row, rows) => ChannelKernels.Return(x + row * channels, g + row * channels, rows, channels,
            scale + group * channels, shift + group * channels,
            coefficients.OfGradient(group), coefficients.OfValue(group), coefficients.Constant(group)));
        coefficients.Dispose();
        gradient.Dispose();
        return Convolved();
    }

    /// <summary>Makes of the gradient of y = max(0, …) that of the sum inside, in its own place, with the sums that BatchNorm's backward
    /// needs. <see cref="BackwardOfSum"/> follows.</summary>
    /// <param name="y">The result.</param>
    /// <param name="gradient">Its gradient, or the first part.</param>
    /// <param name="more">What is to be added to it.</param>
    public void PassSums(Tensor y, Tensor gradient, Tensor? more)
    {
        float* g = Pointer(gradient), result = Pointer(y), second = more is null ? null : Pointer(more);
        SumUp((group, row, rows, sum, product) => ChannelKernels.PassSums(result + row * channels, g + row * channels,
            second == null ? null : second + row * channels, x + row * channels, rows, channels, mean + group * channels, sum, product));
    }

    /// <summary>The sums for another layer in the same sum, whose gradient is the same.</summary>
    public void SumsLike(FusedLayer other, Tensor gradient)
    {
        float* g = Pointer(gradient);
        SumUp((group, row, rows, sum, product) =>
            ChannelKernels.Products(g + row * channels, x + row * channels, rows, channels, mean + group * channels, product));
        new Span<double>(other.sums, ends.Length * channels).CopyTo(new Span<double>(sums, ends.Length * channels));
    }

    /// <summary>From the gradient of a·x + b to the input's, on the way those of the weights.</summary>
    /// <param name="gradient">What <see cref="PassSums"/> left; it stays the caller's.</param>
    public Tensor? BackwardOfSum(Tensor gradient)
    {
        float* g = Pointer(gradient);
        Coefficients coefficients = new(this);
        Run((group, row, rows) => ChannelKernels.Return(x + row * channels, g + row * channels, rows, channels,
            coefficients.OfGradient(group), coefficients.OfValue(group), coefficients.Constant(group)));
        coefficients.Dispose();
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

    /// <summary>Whether memory runs N, H, W, C without gaps.</summary>
    private static bool IsRows(Tensor x)
    {
        using Tensor rows = x.permute(0, 2, 3, 1);
        return rows.is_contiguous();
    }

    private static float* Pointer(Tensor x)
    {
        using Tensor image = x.narrow(0, 0, 1);
        using Tensor rows = image.permute(0, 2, 3, 1);
        return (float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(rows.bytes));
    }

    private Tensor NewOutput() => isKept ? empty_like(values) : values.alias();

    /// <summary>x holds the gradient of the convolution's result now.</summary>
    private Tensor? Convolved()
    {
        if (values.requires_grad)
        {
            using Tensor gradient = values.detach();
            values.backward([gradient]);
        }
        return input.requires_grad ? input.grad : null;
    }

    private void Measure(bool counts)
    {
        SumUp((group, row, rows, means, squares) => ChannelKernels.Moments(x + row * channels, rows, channels, means, squares), merge: true);
        ReadOnlySpan<float> weight = MemoryMarshal.Cast<byte, float>(norm.Weight.bytes), bias = MemoryMarshal.Cast<byte, float>(norm.Bias.bytes);
        for (int group = 0; group < ends.Length; group++)
        {
            for (int channel = 0, i = group * channels; channel < channels; channel++, i++)
            {
                double deviation = 1 / Math.Sqrt(products[i] / RowsOf(group) + norm.Epsilon);
                mean[i] = (float)sums[i];
                this.deviation[i] = (float)deviation;
                scale[i] = (float)(weight[channel] * deviation);
                shift[i] = (float)(bias[channel] - sums[i] * weight[channel] * deviation);
            }
        }
        if (counts) norm.Count(new(sums, ends.Length * channels), new(products, ends.Length * channels), ends);
    }

    private long RowsOf(int group) => ends[group] - (group == 0 ? 0 : ends[group - 1]);

    /// <summary>Does something with all rows on all threads, in parts that lie in one group.</summary>
    private void Run(Action<int, long, long> work) => TorchThreads.Run(parts, part => ForEachGroup(part, work));

    private void ForEachGroup(int part, Action<int, long, long> work)
    {
        long from = ends[^1] * part / parts, to = ends[^1] * (part + 1) / parts, begin = 0;
        for (int group = 0; group < ends.Length; begin = ends[group++])
        {
            long first = Math.Max(from, begin), last = Math.Min(to, ends[group]);
            if (first < last) work(group, first, last - first);
        }
    }

    /// <summary>Two numbers for each channel and group from all rows: parts make theirs, which are added up (or, as moments,
    /// merged) in the parts' order.</summary>
    private void SumUp(Part work, bool merge = false)
    {
        int numbers = ends.Length * channels;
        double* made = (double*)NativeMemory.Alloc((nuint)(2L * parts * numbers), sizeof(double));
        long* rowsMade = (long*)NativeMemory.AllocZeroed((nuint)(parts * ends.Length), sizeof(long));
        TorchThreads.Run(parts, part => ForEachGroup(part, (group, row, rows) =>
        {
            double* first = made + 2L * part * numbers + group * channels;
            rowsMade[part * ends.Length + group] = rows;
            work(group, row, rows, first, first + numbers);
        }));
        new Span<double>(sums, 2 * numbers).Clear();
        for (int group = 0; group < ends.Length; group++)
        {
            long before = 0;
            for (int part = 0; part < parts; part++)
            {
                long rows = rowsMade[part * ends.Length + group];
                if (rows == 0) continue;
                double* first = made + 2L * part * numbers;
                for (int i = group * channels; i < (group + 1) * channels; i++)
                {
                    if (merge)
                    {
                        ChannelKernels.Merge(ref sums[i], ref products[i], before, first[i], first[numbers + i], rows);
                    }
                    else
                    {
                        sums[i] += first[i];
                        products[i] += first[numbers + i];
                    }
                }
                before += rows;
            }
        }
        NativeMemory.Free(made);
        NativeMemory.Free(rowsMade);
    }

    private delegate void Part(int group, long row, long rows, double* sums, double* products);

    /// <summary>BatchNorm's backward as a line through each channel: gradient of x = p·g + q·x + r. Adds the gradients of weight and
    /// bias.</summary>
    private readonly struct Coefficients : IDisposable
    {
        private readonly float* p;
        private readonly int channels;
        private readonly int numbers;

        public Coefficients(FusedLayer layer)
        {
            channels = layer.channels;
            numbers = layer.ends.Length * channels;
            p = (float*)NativeMemory.Alloc((nuint)(3 * numbers), sizeof(float));
            Span<double> ofWeight = new double[channels], ofBias = new double[channels];
            for (int group = 0; group < layer.ends.Length; group++)
            {
                double rows = layer.RowsOf(group);
                for (int channel = 0, i = group * channels; channel < channels; channel++, i++)
                {
                    double deviation = layer.deviation[i], scale = layer.scale[i];
                    double slope = -scale * deviation * deviation * layer.products[i] / rows;
                    p[i] = (float)scale;
                    p[numbers + i] = (float)slope;
                    p[2 * numbers + i] = (float)(-scale * layer.sums[i] / rows - slope * layer.mean[i]);
                    ofWeight[channel] += deviation * layer.products[i];
                    ofBias[channel] += layer.sums[i];
                }
            }
            layer.norm.AddGradients(ofWeight, ofBias);
        }

        public float* OfGradient(int group) => p + group * channels;

        public float* OfValue(int group) => p + numbers + group * channels;

        public float* Constant(int group) => p + 2 * numbers + group * channels;

        public void Dispose() => NativeMemory.Free(p);
    }
}
