namespace MoCo.Optimization;

/// <summary>Stochastic gradient descent with momentum as PyTorch's: g ← g + λθ; v ← μv + g; θ ← θ − ηv (Nesterov: θ ← θ − η(g + μv)), on
/// flat parameters block by block, so that each number passes through memory once. Zeroes the gradients on the way.</summary>
internal sealed class FlatSgd : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly Tensor gradients;
    private readonly Tensor velocity;
    private readonly OptimizationOptions options;
    private readonly Scalar momentum;
    private readonly Scalar decay;
    private bool[] learning = [];
    private Block[] blocks = [];

    /// <exception cref="ArgumentException">The parameters have no flat gradients, or the options have errors.</exception>
    public FlatSgd(FlatParameters parameters, OptimizationOptions? options = null)
    {
        this.options = options ??= new OptimizationOptions();
        OptionErrors errors = new(nameof(OptimizationOptions));
        options.Check(errors);
        errors.ThrowIfAny();
        gradients = parameters.Gradients
            ?? throw new ArgumentException(
                "The parameters were flattened without gradients; expected FlatParameters(module, withGradients: true).",
                nameof(parameters));
        this.parameters = parameters;
        (momentum, decay) = (options.Momentum.ToScalar(), options.WeightDecay.ToScalar());
        velocity = zeros_like(parameters.Values).DetachFromDisposeScope();
    }

    /// <summary>v, laid out like <see cref="FlatParameters.Values"/>.</summary>
    public Tensor Velocity => velocity;

    /// <summary>Moves the parameters once and zeroes the gradients. Frozen parameters, and their velocity, stay as they are.</summary>
    /// <param name="learningRate">η, 0 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is negative or not a number.</exception>
    /// <exception cref="InvalidOperationException">The module's parameters or gradients were replaced since they were
    /// flattened.</exception>
    public void Step(double learningRate)
    {
        if (!(learningRate is >= 0 and < double.PositiveInfinity))
            throw OutOfRange.Of(learningRate, "expected 0 or more.");
        if (!parameters.IsCurrent) throw new InvalidOperationException(FlatParameters.Replaced);
        if (parameters.WithoutGradient is { } entry)
            throw new InvalidOperationException(
                $"The gradient of {entry.Name} was replaced (by zero_grad(), say), so it no longer reaches this optimizer, which zeroes "
                + "the gradients itself.");

        using IDisposable _ = no_grad();
        bool[] now = [.. parameters.Entries.Select(parameter => parameter.Parameter.requires_grad)];
        if (!now.AsSpan().SequenceEqual(learning)) Arrange(now);
        using Scalar rate = (-learningRate).ToScalar();
        foreach (Block block in blocks)
        {
            if (block.Decayed) block.Gradient.add_(block.Value, decay);
            block.Velocity.mul_(momentum).add_(block.Gradient, One);
            if (options.Nesterov) block.Value.add_(block.Gradient.add_(block.Velocity, momentum), rate);
            else block.Value.add_(block.Velocity, rate);
            block.Gradient.zero_();
        }
    }

    /// <summary>Zeroes the gradients without a step, where backward was begun in vain.</summary>
    public void ZeroGradients() => gradients.zero_();

    /// <summary>Cuts the parameters that learn into blocks.</summary>
    private void Arrange(bool[] now)
    {
        foreach (Block block in blocks) block.Dispose();
        IReadOnlyList<FlatParameter> entries = parameters.Entries;
        List<Block> made = [];
        for (int first = 0, next; first < entries.Count; first = next)
        {
            bool decayed = IsDecayed(entries[first]);
            for (next = first + 1; next < entries.Count && now[next] == now[first] && IsDecayed(entries[next]) == decayed;) next++;
            long start = entries[first].Offset, length = entries[next - 1].Offset + entries[next - 1].Length - start;
            if (now[first]) made.AddRange(Blocks(start, length, decayed));
        }
        (blocks, learning) = ([.. made], now);
    }

    private bool IsDecayed(FlatParameter entry) => options.WeightDecay != 0 && (options.DecayAll || entry.Shape.Length > 1);

    private IEnumerable<Block> Blocks(long start, long length, bool decayed) => FlatBlocks.Of(parameters.Values, start, length)
        .Zip(FlatBlocks.Of(gradients, start, length), FlatBlocks.Of(velocity, start, length))
        .Select(b => new Block(b.First, b.Second, b.Third, decayed));

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
