using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>What batch normalisations share: the affine parameters, the running statistics and their conversion.</summary>
public abstract class NormBase : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = nameof(bias))]
    private Parameter _bias;

    [ComponentName(Name = nameof(weight))]
    private Parameter _weight;

    [ComponentName(Name = nameof(running_mean))]
    private Tensor _running_mean;

    [ComponentName(Name = nameof(running_var))]
    private Tensor _running_var;

    [ComponentName(Name = nameof(num_batches_tracked))]
    private Tensor _num_batches_tracked;

    public NormBase(long num_features, double eps, double? momentum, bool affine, bool track_running_stats, Device device, ScalarType? dtype, string name)
        : base(name)
    {
        this.num_features = num_features;
        this.eps = eps;
        this.momentum = momentum;
        this.affine = affine;
        this.track_running_stats = track_running_stats;
        if (affine)
        {
            weight = nn.Parameter(empty([num_features], dtype: dtype, device: device));
            bias = nn.Parameter(empty([num_features], dtype: dtype, device: device));
        }
        if (track_running_stats)
        {
            running_mean = zeros([num_features], dtype: dtype, device: device);
            running_var = ones([num_features], dtype: dtype, device: device);
            num_batches_tracked = tensor(0L, dtype: dtype, device: device);
        }
        reset_parameters();
    }

    public long num_features { get; private set; }

    public double eps { get; set; }

    public double? momentum { get; set; }

    public bool affine { get; private set; }

    public bool track_running_stats { get; private set; }

#nullable enable annotations
    public Parameter? bias
#nullable restore annotations
    {
        get => _bias;
        set
        {
            _bias?.Dispose();
            _bias = value?.DetachFromDisposeScope() as Parameter;
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
            _weight = value.DetachFromDisposeScope() as Parameter;
            ConditionallyRegisterParameter(nameof(weight), _weight);
        }
    }

#nullable enable annotations
    public Tensor? running_mean
    {
        get => _running_mean;
        set => ReplaceBufferField(ref _running_mean, value, nameof(running_mean));
    }

    public Tensor? running_var
    {
        get => _running_var;
        set => ReplaceBufferField(ref _running_var, value, nameof(running_var));
    }

    public Tensor? num_batches_tracked
#nullable restore annotations
    {
        get => _num_batches_tracked;
        set => ReplaceBufferField(ref _num_batches_tracked, value, nameof(num_batches_tracked));
    }

    public void reset_running_stats()
    {
        if (!track_running_stats)
            return;
        nn.init.zeros_(_running_mean);
        nn.init.ones_(_running_var);
        nn.init.zeros_(_num_batches_tracked);
    }

    public void reset_parameters()
    {
        reset_running_stats();
        if (!affine)
            return;
        nn.init.ones_(_weight);
        nn.init.zeros_(_bias);
    }

    protected abstract void ValidateInputDimensions(Tensor input);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _weight?.Dispose();
            _bias?.Dispose();
            _running_mean?.Dispose();
            _running_var?.Dispose();
            _num_batches_tracked?.Dispose();
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
        if (_running_mean is not null && ReplaceBuffer(dtype, device, _running_mean, out var mean))
            running_mean = mean;
        if (_running_var is not null && ReplaceBuffer(dtype, device, _running_var, out var variance))
            running_var = variance;
        if (_num_batches_tracked is not null && ReplaceBuffer(dtype, device, _num_batches_tracked, out var batches))
            num_batches_tracked = batches;
    }

    private void ReplaceBufferField(ref Tensor field, Tensor value, string name)
    {
        field?.Dispose();
        field = value?.DetachFromDisposeScope();
        ConditionallyRegisterBuffer(name, field);
    }
}
