using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>The heads of MoCo v3: linear layers without bias, BatchNorm and ReLU after each but the last, and after the last, if asked for,
/// a BatchNorm without scale and shift. Layers are numbered as in the official code's Sequential: 0 linear, 1 BatchNorm, 3 linear, 4
/// BatchNorm of two layers. Source: Chen, Xie and He 2021, §4.1.</summary>
internal sealed class BatchNormMlp : nn.Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    /// <summary>Makes the head with torch's own linear initialisation.</summary>
    /// <param name="depth">Linear layers, at least 1; 2 for ResNets, 3 for vision transformers.</param>
    /// <param name="input">Length of what goes in, at least 1.</param>
    /// <param name="hidden">Length between two layers, at least 1; 4096 in the paper.</param>
    /// <param name="output">Length of what comes out, at least 1; 256 in the paper.</param>
    /// <param name="lastBatchNorm">A BatchNorm without scale and shift at the end.</param>
    /// <param name="generator">Source of the initial weights; null seeds one with 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public BatchNormMlp(int depth, int input, int hidden, int output, bool lastBatchNorm = true, Generator? generator = null)
        : base(TorchLibrary.LoadFor(nameof(BatchNormMlp)))
    {
        foreach (int size in (ReadOnlySpan<int>)[depth, input, hidden, output]) ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        using Generator? own = generator is null ? new Generator(0, CPU) : null;
        LayerFactory factory = new(Precision.Float32, 1, generator ?? own!);
        List<nn.Module<Tensor, Tensor>> made = [];
        for (int layer = 0; layer < depth; layer++)
        {
            bool isLast = layer == depth - 1;
            int outputs = isLast ? output : hidden;
            made.Add(factory.LinearWithoutBias(layer == 0 ? input : hidden, outputs));
            if (!isLast) made.AddRange([new FeatureBatchNorm(outputs, affine: true), nn.ReLU(inplace: true)]);
            else if (lastBatchNorm) made.Add(new FeatureBatchNorm(outputs, affine: false));
        }
        layers = nn.Sequential([.. made.Select((module, index) => ($"{index}", module))]);
        RegisterComponents();
        GC.KeepAlive(generator);
    }

    /// <summary>Projects N×input to N×output (not normalised to unit length).</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return layers.call(input);
    }
}

/// <summary>BatchNorm over the rows of N×features, with PyTorch's names (BatchNorm1d), and without scale and shift where asked
/// for.</summary>
internal sealed class FeatureBatchNorm : nn.Module<Tensor, Tensor>
{
    private const double Momentum = 0.1, Epsilon = 1e-5;
    private readonly Parameter? weight;
    private readonly Parameter? bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;

    public FeatureBatchNorm(int features, bool affine)
        : base(nameof(FeatureBatchNorm))
    {
        weight = affine ? new Parameter(ones(features).DetachFromDisposeScope()) : null;
        bias = affine ? new Parameter(zeros(features).DetachFromDisposeScope()) : null;
        running_mean = zeros(features).DetachFromDisposeScope();
        running_var = ones(features).DetachFromDisposeScope();
        num_batches_tracked = tensor(0L).DetachFromDisposeScope();
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        if (training)
        {
            using IDisposable constant = no_grad();
            num_batches_tracked.add_(One, One);
        }
        return nn.functional.batch_norm(input, running_mean, running_var, weight!, bias!, training, Momentum, Epsilon);
    }
}
