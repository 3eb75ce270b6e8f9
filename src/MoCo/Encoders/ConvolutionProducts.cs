using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>Convolutions as one matrix product over pixels where they lie: those with 1×1 kernels, and those of maps so small that every
/// output pixel sees every input pixel (3×3 kernels on 2×2 pixels, any on a single one). oneDNN's lay the weights out anew in every call,
/// which takes longer there than the product, and on small maps they multiply the padding, too.</summary>
internal static class ConvolutionProducts
{
    // Measured with 64 to 2,048 channels on two threads: of fewer pixels the product takes 0.6 to 1 of the time, of 12,544 0.95 to 1.1.
    private const long MostPixels = 8192;

    /// <summary>Whether a convolution is faster as a product: on one pixel anywhere, else on a CPU.</summary>
    /// <param name="images">N×I×H×W.</param>
    /// <param name="weight">O×I×k×k.</param>
    /// <param name="stride">Its stride; the padding is k / 2.</param>
    public static bool Take(Tensor images, Tensor weight, long stride)
    {
        Map map = new(images, weight, stride);
        if (map.Kernel > 1 && map is { Height: 1, Width: 1 }) return true;
        if (images.device_type != DeviceType.CPU) return false;
        if (map.Kernel == 1) return map.Count * map.Rows * map.Columns <= MostPixels;
        return Math.Max(map.Height, map.Width) - 1 <= map.Kernel / 2;
    }

    /// <summary>The convolution, channels-last, with gradients by autograd.</summary>
    /// <param name="images">N×I×H×W.</param>
    /// <param name="weight">O×I×k×k, of the images' type.</param>
    /// <param name="stride">Its stride; the padding is k / 2.</param>
    public static Tensor Convolve(Tensor images, Tensor weight, long stride)
    {
        using DisposeScope scope = NewDisposeScope();
        Map map = new(images, weight, stride);
        return map.Output(nn.functional.linear(Pixels(images, map), Matrix(weight, map))).MoveToOuterDisposeScope();
    }

    /// <summary>Adds the weight's gradient, with no tensor of its size between where the kernel has taps that saw nothing.</summary>
    /// <param name="gradient">Of the result, N×O×H′×W′.</param>
    /// <param name="images">What was convolved.</param>
    /// <param name="weight">With what.</param>
    /// <param name="stride">The stride.</param>
    /// <param name="isPassed">Whether the images' gradient is wanted.</param>
    /// <returns>The images' gradient, channels-last, or null.</returns>
    public static Tensor? Backward(Tensor gradient, Tensor images, Parameter weight, long stride, bool isPassed)
    {
        using IDisposable constant = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Map map = new(images, weight, stride);
        Tensor rows = map.Kernel == 1 ? gradient.permute(0, 2, 3, 1).flatten(0, 2) : gradient.permute(0, 2, 3, 1).flatten(1);
        if (SplitBatchNorm2d.GradientOf(weight) is { } sum) Add(sum, rows.t().mm(Pixels(images, map)), map);
        if (!isPassed) return null;
        Tensor passed = rows.mm(Matrix(weight, map));
        return map.Input(passed).MoveToOuterDisposeScope();
    }

    /// <summary>A row of input for every row of output: the pixels that are used, or all pixels of an image side by side.</summary>
    private static Tensor Pixels(Tensor images, Map map)
    {
        if (map.Kernel > 1) return images.permute(0, 2, 3, 1).flatten(1);
        // Pooling over single pixels: unlike a slice's gradient, this one's keeps the channels-last layout.
        return (map.Stride == 1 ? images : nn.functional.avg_pool2d(images, 1, map.Stride)).permute(0, 2, 3, 1).flatten(0, 2);
    }

    /// <summary>Of each output pixel and channel a row: the taps that its window puts on the input's pixels.</summary>
    private static Tensor Matrix(Tensor weight, Map map)
    {
        if (map.Kernel == 1) return weight.flatten(1);
        Tensor taps = weight.permute(0, 2, 3, 1); // O×k×k×I, a view where the weight lies channels-last
        return stack([.. map.Windows().Select(window => map.Cut(taps, window))], 0).flatten(2).flatten(0, 1);
    }

    private static void Add(Tensor sum, Tensor more, Map map)
    {
        if (map.Kernel == 1)
        {
            sum.flatten(1).add_(more, One);
            return;
        }
        Tensor taps = sum.permute(0, 2, 3, 1), windows = more.view(map.Rows * map.Columns, map.Outputs, map.Height, map.Width, -1);
        foreach ((long number, (long Y, long X) window) in map.Windows().Select((window, number) => ((long)number, window)))
            map.Cut(taps, window).add_(windows.select(0, number), One);
    }

    /// <summary>The sizes of a convolution.</summary>
    private readonly record struct Map(long Count, long Inputs, long Height, long Width, long Outputs, long Kernel, long Stride)
    {
        public Map(Tensor images, Tensor weight, long stride)
            : this(images.shape[0], images.shape[1], images.shape[2], images.shape[3], weight.shape[0], weight.shape[2], stride)
        {
        }

        /// <summary>The output's height.</summary>
        public long Rows => (Height - 1) / Stride + 1;

        /// <summary>The output's width.</summary>
        public long Columns => (Width - 1) / Stride + 1;

        /// <summary>For each output pixel the tap that meets the input's first pixel.</summary>
        public IEnumerable<(long Y, long X)> Windows()
        {
            for (long pixel = 0; pixel < Rows * Columns; pixel++)
                yield return (Kernel / 2 - pixel / Columns * Stride, Kernel / 2 - pixel % Columns * Stride);
        }

        /// <summary>The taps on the input's pixels.</summary>
        public Tensor Cut(Tensor taps, (long Y, long X) window) => taps.narrow(1, window.Y, Height).narrow(2, window.X, Width);

        /// <summary>Rows of outputs as N×O×H′×W′.</summary>
        public Tensor Output(Tensor rows) => rows.view(Count, Rows, Columns, Outputs).permute(0, 3, 1, 2);

        /// <summary>Rows of inputs as N×I×H×W, with zeros where pixels are not used.</summary>
        public Tensor Input(Tensor rows)
        {
            if (Kernel > 1 || Stride == 1) return rows.view(Count, Height, Width, Inputs).permute(0, 3, 1, 2);
            Tensor all = zeros(Count, Height, Width, Inputs, dtype: rows.dtype, device: rows.device);
            all.slice(1, 0, Height, Stride).slice(2, 0, Width, Stride).copy_(rows.view(Count, Rows, Columns, Inputs));
            return all.permute(0, 3, 1, 2);
        }
    }
}
