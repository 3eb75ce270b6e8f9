namespace MoCo.Optimization;

/// <summary>Moves flat parameters by their gradients, in as few passes over memory as can be, and zeroes the gradients. Frozen parameters,
/// and what is kept of them, stay as they are.</summary>
internal abstract class FlatOptimizer : IDisposable
{
    private readonly FlatParameters parameters;
    private readonly Tensor gradients;
    private readonly (string Name, Tensor Flat)[] averages;
    private long?[] groups = [];
    private Part[] parts = [];

    /// <param name="parameters">The parameters, with gradients.</param>
    /// <param name="options">Rates of decay and the like.</param>
    /// <param name="averages">Names of what is kept of each parameter, number by number; zeros at first.</param>
    /// <exception cref="ArgumentException">The parameters have no flat gradients, or the options have errors.</exception>
    protected FlatOptimizer(FlatParameters parameters, OptimizationOptions options, params string[] averages)
    {
        OptionErrors errors = new(nameof(OptimizationOptions));
        options.Check(errors);
        errors.ThrowIfAny();
        gradients = parameters.Gradients
            ?? throw new ArgumentException(
                "The parameters were flattened without gradients; expected FlatParameters(module, withGradients: true).",
                nameof(parameters));
        (this.parameters, Options) = (parameters, options);
        this.averages = [.. averages.Select(name => (name, zeros_like(parameters.Values).DetachFromDisposeScope()))];
    }

    protected OptimizationOptions Options { get; }

    protected IReadOnlyList<FlatParameter> Entries => parameters.Entries;

    /// <summary>What a checkpoint must hold of it, by parameter.</summary>
    public virtual IEnumerable<(string Name, Tensor Tensor)> State
        => Entries.SelectMany(entry => averages.Select(average => ($"{average.Name}.{entry.Name}", entry.View(average.Flat))));

    /// <summary>The optimizer that the options name.</summary>
    public static FlatOptimizer Of(FlatParameters parameters, OptimizationOptions options) => options.Kind switch
    {
        OptimizerKind.Lars => new FlatLars(parameters, options),
        OptimizerKind.AdamW => new FlatAdamW(parameters, options),
        _ => new FlatSgd(parameters, options),
    };

    /// <summary>The L2 norm over all gradients, as a scalar on their device, before they are scaled down where the options clip them (as
    /// PyTorch's <c>clip_grad_norm_</c>).</summary>
    /// <param name="scale">What the loss was multiplied by; the gradients are divided by it first.</param>
    public Tensor ClipGradients(double scale = 1)
    {
        using IDisposable _ = no_grad();
        if (scale != 1)
        {
            using Scalar share = (1 / scale).ToScalar();
            gradients.mul_(share);
        }
        Tensor norm = gradients.norm();
        if (Options.ClipNorm is not double most) return norm;
        using DisposeScope scope = NewDisposeScope();
        using Scalar longest = most.ToScalar(), little = 1e-6.ToScalar();
        gradients.mul_(minimum(ones_like(norm), ones_like(norm).mul(longest).div(norm.add(little, One))));
        return norm;
    }

    /// <summary>Moves the parameters once and zeroes the gradients.</summary>
    /// <param name="learningRate">η, 0 or more.</param>
    /// <param name="weightDecay">λ, 0 or more; null: the options'.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="learningRate"/> is negative or not a number.</exception>
    /// <exception cref="InvalidOperationException">The module's parameters or gradients were replaced since they were
    /// flattened.</exception>
    public void Step(double learningRate, double? weightDecay = null)
    {
        if (!(learningRate is >= 0 and < double.PositiveInfinity))
            throw OutOfRange.Of(learningRate, "expected 0 or more.");
        if (!parameters.IsCurrent) throw new InvalidOperationException(FlatParameters.Replaced);
        if (parameters.WithoutGradient is { } entry)
            throw new InvalidOperationException(
                $"The gradient of {entry.Name} was replaced (by zero_grad(), say), so it no longer reaches this optimizer, which zeroes "
                + "the gradients itself.");

        using IDisposable _ = no_grad();
        long?[] now = [.. Entries.Select((parameter, i) => parameter.Parameter.requires_grad ? Group(i) : (long?)null)];
        if (!now.AsSpan().SequenceEqual(groups)) Arrange(now);
        Move(parts, learningRate, weightDecay ?? Options.WeightDecay);
    }

    /// <summary>Zeroes the gradients without a step, where backward was begun in vain.</summary>
    public void ZeroGradients() => gradients.zero_();

    public virtual void Dispose()
    {
        foreach (Part part in parts) part.Dispose();
        foreach ((string _, Tensor average) in averages) average.Dispose();
    }

    /// <summary>Parameters that lie together and are of one group are moved together.</summary>
    protected virtual long Group(int index) => IsDecayed(Entries[index]) ? 1 : 0;

    /// <summary>Whether weight decay is for a parameter.</summary>
    protected bool IsDecayed(FlatParameter entry) => Options.DecayAll || entry.Shape.Length > 1;

    /// <summary>Moves the parameters that learn and zeroes their gradients.</summary>
    protected abstract void Move(IReadOnlyList<Part> parts, double rate, double decay);

    /// <summary>Cuts the parameters that learn into parts.</summary>
    private void Arrange(long?[] now)
    {
        foreach (Part part in parts) part.Dispose();
        List<Part> made = [];
        for (int first = 0, next; first < Entries.Count; first = next)
        {
            for (next = first + 1; next < Entries.Count && now[next] == now[first];) next++;
            long start = Entries[first].Offset, length = Entries[next - 1].Offset + Entries[next - 1].Length - start;
            if (now[first] is null) continue;
            made.Add(new Part(first, next, Of(parameters.Values), Of(gradients), [.. averages.Select(average => Of(average.Flat))]));

            Tensor Of(Tensor flat) => flat.narrow(0, start, length).DetachFromDisposeScope();
        }
        (parts, groups) = ([.. made], now);
    }

    /// <summary>Parameters that lie together and are moved alike.</summary>
    /// <param name="First">The first of them, in <see cref="Entries"/>.</param>
    /// <param name="End">The one behind the last.</param>
    /// <param name="Value">θ.</param>
    /// <param name="Gradient">g.</param>
    /// <param name="Averages">What the optimizer keeps of them, in the order in which it named it.</param>
    protected sealed record Part(int First, int End, Tensor Value, Tensor Gradient, Tensor[] Averages) : IDisposable
    {
        public void Dispose()
        {
            foreach (Tensor tensor in (ReadOnlySpan<Tensor>)[Value, Gradient, .. Averages]) tensor.Dispose();
        }
    }
}
