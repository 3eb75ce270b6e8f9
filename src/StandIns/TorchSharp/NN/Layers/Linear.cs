using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>y = x·Wᵀ + b.</summary>
public sealed class Linear : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))]
    private Parameter _bias;

    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;

    internal Linear(Parameter weight, Parameter bias = null) : base(nameof(Linear))
    {
        in_features = weight.shape[1];
        out_features = weight.shape[0];
        this.weight = weight;
        if (bias is not null)
            this.bias = bias;
    }

    internal Linear(long inputSize, long outputSize, bool hasBias, Device device, ScalarType? dtype) : base(nameof(Linear))
    {
        in_features = inputSize;
        out_features = outputSize;
        weight = nn.Parameter(empty([outputSize, inputSize], dtype: dtype, device: device));
        nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
        if (!hasBias)
            return;
        bias = nn.Parameter(empty([outputSize], dtype: dtype, device: device));
        double bound = inputSize > 0 ? 1 / Math.Sqrt(inputSize) : 0;
        nn.init.uniform_(bias, -bound, bound);
    }

    public long in_features { get; set; }

    public long out_features { get; set; }

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

    public override Tensor forward(Tensor tensor) => nn.functional.linear(tensor, _weight, _bias);

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

    /// <summary>A layer outlives the dispose scope in which it was built.</summary>
    private static Parameter Owned(Parameter parameter) => parameter?.DetachFromDisposeScope() as Parameter;
}
