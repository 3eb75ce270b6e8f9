namespace MoCo.Optimization;

/// <summary>Stochastic gradient descent with momentum as PyTorch's: g ← g + λθ; v ← μv + g; θ ← θ − ηv (Nesterov: θ ← θ − η(g + μv)), on
/// flat parameters block by block, so that each number passes through memory once. Zeroes the gradients on the way.</summary>
internal sealed class FlatSgd : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly Tensor velocity;
    private readonly Block[] blocks;
    private readonly Scalar momentum;
    private readonly Scalar decay;
    private readonly bool nesterov;

    /// <exception cref="ArgumentException">The parameters have no flat gradients, or the options have errors.</exception>
    public FlatSgd(FlatParameters parameters, OptimizationOptions? options = null)
    {
        options ??= new OptimizationOptions();
        OptionErrors errors = new(nameof(OptimizationOptions));
        options.Check(errors);
        errors.ThrowIfAny();
        if (parameters.Gradients is not Tensor gradients)
            throw new ArgumentException(
                "The parameters were flattened without gradients; expected FlatParameters(module, withGradients: true).",
                nameof(parameters));
        this.parameters = parameters;
        nesterov = options.Nesterov;
        (momentum, decay) = (options.Momentum.ToScalar(), options.WeightDecay.ToScalar());

        Tensor values = parameters.Values;
        velocity = zeros_like(values).DetachFromDisposeScope();
        long split = options.DecayAll ? values.NumberOfElements : parameters.DecayedLength;
        blocks = [.. Blocks(0, split, options.WeightDecay != 0), .. Blocks(split, values.NumberOfElements - split, false)];

        IEnumerable<Block> Blocks(long start, long length, bool decayed) => FlatBlocks.Of(values, start, length)
            .Zip(FlatBlocks.Of(gradients, start, length), FlatBlocks.Of(velocity, start, length))
            .Select(b => new Block(b.First, b.Second, b.Third, decayed));
    }

    /// <summary>v, laid out like <see cref="FlatParameters.Values"/>.</summary>
    public Tensor Velocity => velocity;

    /// <summary>Moves the parameters once and zeroes the gradients.</summary>
    /// <param name="learningRate">η, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is negative or not a number.</exception>
    /// <exception cref="InvalidOperationException">The module's parameters or gradients were replaced since they were
    /// flattened.</exception>
    public void Step(double learningRate)
    {
        if (!(learningRate is >= 0 and < double.PositiveInfinity))
            throw new ArgumentOutOfRangeException(nameof(learningRate), learningRate, "expected 0 or more.");
        if (!parameters.IsCurrent) throw new InvalidOperationException(FlatParameters.Replaced);
        if (!parameters.GradientsAreCurrent)
            throw new InvalidOperationException(
                "The parameters' gradients were replaced (by zero_grad(), say), so they no longer reach this optimizer; it zeroes "
                + "them itself.");

        using IDisposable _ = no_grad();
        using Scalar rate = (-learningRate).ToScalar();
        foreach (Block block in blocks)
        {
            if (block.Decayed) block.Gradient.add_(block.Value, decay);
            block.Velocity.mul_(momentum).add_(block.Gradient, One);
            if (nesterov) block.Value.add_(block.Gradient.add_(block.Velocity, momentum), rate);
            else block.Value.add_(block.Velocity, rate);
            block.Gradient.zero_();
        }
    }

    public void Dispose()
    {
        foreach (Block block in blocks) block.Dispose();
        velocity.Dispose();
        momentum.Dispose();
        decay.Dispose();
    }

    private sealed record Block(Tensor Value, Tensor Gradient, Tensor Velocity, bool Decayed) : IDisposable
    {
        public void Dispose()
        {
            Value.Dispose();
            Gradient.Dispose();
            Velocity.Dispose();
        }
    }
}
