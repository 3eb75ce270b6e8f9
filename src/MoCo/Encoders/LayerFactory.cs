namespace MoCo.Encoders;

/// <summary>Makes the layers of one network, all with the same precision, BatchNorm splits and source of random numbers.</summary>
internal sealed record LayerFactory(Precision Precision, int BatchNormSplits, Generator Generator)
{
    public Convolution Convolution(int inputs, int outputs, int kernel, int stride)
        => new(inputs, outputs, kernel, stride, Precision, Generator);

    /// <summary>Our own layer for one group too: TorchSharp's BatchNorm2d counts its batches with a scalar that nothing holds.</summary>
    public SplitBatchNorm2d BatchNorm(int features) => new(features, BatchNormSplits) { GroupsAreContiguous = true };

    /// <summary>A linear layer with torch's own initialisation, U(±1/√inputs) for weight and bias, drawn from
    /// <see cref="Generator"/>.</summary>
    public TorchSharp.Modules.Linear Linear(int inputs, int outputs)
    {
        TorchSharp.Modules.Linear linear = Linear(inputs, outputs, hasBias: true);
        double bound = 1 / Math.Sqrt(inputs);
        using IDisposable _ = no_grad();
        linear.bias!.uniform_(-bound, bound, Generator);
        GC.KeepAlive(Generator);
        return linear;
    }

    /// <summary>The same without a bias.</summary>
    public TorchSharp.Modules.Linear LinearWithoutBias(int inputs, int outputs) => Linear(inputs, outputs, hasBias: false);

    private TorchSharp.Modules.Linear Linear(int inputs, int outputs, bool hasBias)
    {
        TorchSharp.Modules.Linear linear = nn.Linear(inputs, outputs, hasBias);
        double bound = 1 / Math.Sqrt(inputs);
        using IDisposable _ = no_grad();
        linear.weight.uniform_(-bound, bound, Generator);
        GC.KeepAlive(Generator);
        return linear;
    }
}
