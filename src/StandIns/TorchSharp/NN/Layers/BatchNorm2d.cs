using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Batch normalisation over N×C×H×W.</summary>
public sealed class BatchNorm2d : BatchNorm
{
    // The real package, too, gives this layer the name of its one-dimensional sibling.
    internal BatchNorm2d(long num_features, double eps, double momentum, bool affine, bool track_running_stats, Device device, ScalarType? dtype)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(BatchNorm1d))
    {
    }

    protected override void ValidateInputDimensions(Tensor input)
    {
        if (input.ndim != 4)
            throw new ArgumentException($"expected 4D input, but got {input.ndim}D input.");
    }
}
