using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What convolutions of every dimension share: weights, strides, padding and their conversion.</summary>
public abstract class Convolution : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))]
    protected Parameter _bias;

    [ComponentName(Name = nameof(weight))]
    protected Parameter _weight;

    protected long[] _reversed_padding_repeated_twice = [];

    protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[] padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device device = null, ScalarType? dtype = null)
        : base(name)
    {
        if (transposed && padding_mode != PaddingModes.Zeros)
            throw new ArgumentException("Only PaddingModes.Zeros is supported for ConvTransposeND", nameof(padding_mode));

        this.in_channels = in_channels;
        this.out_channels = out_channels;
        this.kernel_size = kernel_size;
        this.stride = stride;
        this.dilation = dilation;
        this.transposed = transposed;
        this.output_padding = output_padding;
        this.groups = groups;
        this.padding_mode = padding_mode;
        if (padding_type is { } type)
            SetPadding(type);
        else
            SetPadding(padding ?? new long[kernel_size.Length]);

        long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
        weight = nn.Parameter(empty([.. channels, .. kernel_size], dtype: dtype, device: device));
        if (bias)
            this.bias = nn.Parameter(empty([out_channels], dtype: dtype, device: device));
        reset_parameters();
    }

    public long in_channels { get; }

    public long out_channels { get; }

    public bool transposed { get; }

    public Padding? padding_type { get; private set; }

#nullable enable annotations
    public long[]? padding { get; private set; }
#nullable restore annotations

    public PaddingModes padding_mode { get; set; }

    public long groups { get; set; }

    public long[] kernel_size { get; set; }

    public long[] stride { get; set; }

    public long[] dilation { get; set; }

    public long[] output_padding { get; set; }

#nullable enable annotations
    public Parameter? bias
#nullable restore annotations
    {
        get => _bias;
        set
        {
            _bias?.Dispose();
            _bias = Owned(value);
            ConditionallyRegisterParameter(nameof(bias), _bias);
        }
    }

    public Parameter weight
    {
        get => _weight;
        set
        {
            ArgumentNullException.ThrowIfNull(value, nameof(weight));
            if (ReferenceEquals(value, _weight))
                return;
            _weight?.Dispose();
            _weight = Owned(value);
            ConditionallyRegisterParameter(nameof(weight), _weight);
        }
    }

    /// <summary>Kaiming's uniform initialisation with a = √5, and biases in ±1/√fan-in.</summary>
    public void reset_parameters()
    {
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (bias is null)
            return;
        var (fanIn, _) = nn.init.CalculateFanInAndFanOut(weight);
        if (fanIn != 0)
            nn.init.uniform_(bias, -1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn));
    }

    public void SetPadding(long[] padding)
    {
        padding_type = null;
        this.padding = padding;
        _reversed_padding_repeated_twice = [.. padding.Reverse().SelectMany(value => new[] { value, value })];
    }

    public void SetPadding(Padding padding)
    {
        if (transposed)
            throw new ArgumentException("Cannot set padding type on ConvTransposeND");
        if (padding == Padding.Same && stride.Any(step => step != 1))
            throw new ArgumentException("padding='same' is not supported for strided convolutions");

        padding_type = padding;
        this.padding = null;
        _reversed_padding_repeated_twice = new long[2 * kernel_size.Length];
        for (int i = 0; padding == Padding.Same && i < kernel_size.Length; i++)
        {
            long total = dilation[i] * (kernel_size[i] - 1);
            _reversed_padding_repeated_twice[2 * i] = total / 2;
            _reversed_padding_repeated_twice[2 * i + 1] = total - total / 2;
        }
    }

    /// <summary>Whether the input has the right number of channels: N×C×spatial or, without a batch, C×spatial.</summary>
    protected bool ValidateShape(Tensor input, long dimensions)
    {
        long[] shape = input.shape;
        return (shape.Length == dimensions + 2 && shape[1] == in_channels)
            || (shape.Length == dimensions + 1 && shape[0] == in_channels);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weight?.Dispose();
            _bias?.Dispose();
        }
        base.Dispose(disposing);
    }

    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        Convert(dtype, device);
        return this;
    }

    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        Convert(null, new Device(deviceType, deviceIndex));
        return this;
    }

    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        Convert(dtype, null);
        return this;
    }

    private void Convert(ScalarType? dtype, Device device)
    {
        if (_weight is not null && ReplaceParameter(dtype, device, _weight, out var convertedWeight))
            weight = convertedWeight;
        if (_bias is not null && ReplaceParameter(dtype, device, _bias, out var convertedBias))
            bias = convertedBias;
    }

    private static Parameter Owned(Parameter parameter) => parameter?.DetachFromDisposeScope() as Parameter;
}
