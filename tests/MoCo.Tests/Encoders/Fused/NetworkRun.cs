using MoCo.Encoders;
using MoCo.Encoders.Fused;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.Fused;

/// <summary>An encoder that makes one step's gradients.</summary>
internal sealed class NetworkRun : IDisposable
{
    private readonly FlatParameters flat;
    private readonly Tensor target;

    public NetworkRun(EncoderOptions options, ScalarType type, Device? device = null, Precision precision = Precision.Float32)
    {
        manual_seed(3);
        Encoder = Encoder.Create(options, precision);
        Images = randn(9, options.InputChannels, 40, 40).to(type).to(device ?? CPU);
        target = randn(9, options.FeatureDimension).to(device ?? CPU);
        Encoder.Backbone.to(type);
        Encoder.Backbone.to(device ?? CPU);
        flat = new FlatParameters(Encoder.Backbone, withGradients: true);
    }

    public Encoder Encoder { get; }

    public Tensor Images { get; }

    public Tensor? Features { get; private set; }

    public void Step(FusedPasses? passes)
    {
        using DisposeScope scope = NewDisposeScope();
        passes?.Begin();
        Tensor made = Encoder.features(Images);
        made.mul(target).mean().backward();
        passes?.Backward();
        passes?.End();
        Features = made.detach().DetachFromDisposeScope();
    }

    /// <summary>Of the gradients, as a share of the other's.</summary>
    public double DistanceTo(NetworkRun other)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor right = other.flat.Gradients!.cpu().to(ScalarType.Float64);
        return flat.Gradients!.cpu().to(ScalarType.Float64).sub(right).norm().item<double>() / right.norm().item<double>();
    }

    public void Dispose()
    {
        Features?.Dispose();
        flat.Dispose();
        Encoder.Dispose();
        Images.Dispose();
        target.Dispose();
    }
}
