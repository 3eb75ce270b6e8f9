using System.Runtime.InteropServices;
using MoCo.Encoders.Fused.Host;
using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>BatchNorm over groups of a batch, so that one device sees the statistics that <c>splits</c> devices would: with shuffled keys
/// this is the paper's ShuffleBN on a single device (He et al. 2019, §3.3). Sample n belongs to group n mod splits; running statistics move
/// towards the mean over the groups. A batch that splits does not divide is split as evenly as possible; where a group would have fewer
/// than two samples, the batch is one group. In eval mode it equals BatchNorm2d.</summary>
public sealed class SplitBatchNorm2d : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;
    private readonly Tensor num_batches_tracked;
    private readonly double momentum;
    private readonly double epsilon;
    private readonly int splits;

    /// <summary>Makes the layer with weight 1, bias 0, running mean 0 and running variance 1.</summary>
    /// <param name="features">Channels C, at least 1.</param>
    /// <param name="splits">Groups, at least 1.</param>
    /// <param name="momentum">Weight of a new batch in the running statistics, 0–1.</param>
    /// <param name="epsilon">Added to the variance; above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public SplitBatchNorm2d(int features, int splits, double momentum = 0.1, double epsilon = 1e-5)
        : base(TorchLibrary.LoadFor(nameof(SplitBatchNorm2d)))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(splits, 1);
        if (!(momentum is >= 0 and <= 1)) throw OutOfRange.Of(momentum, "expected 0 to 1.");
        if (!(epsilon > 0)) throw OutOfRange.Of(epsilon, "expected above 0.");
        this.splits = splits;
        this.momentum = momentum;
        this.epsilon = epsilon;
        weight = new Parameter(ones(features).DetachFromDisposeScope());
        bias = new Parameter(zeros(features).DetachFromDisposeScope());
        running_mean = zeros(features).DetachFromDisposeScope();
        running_var = ones(features).DetachFromDisposeScope();
        num_batches_tracked = tensor(0L).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <summary>The input's groups already stand together, the larger ones first (<see cref="BatchGroups.Gather"/>): a network reorders its
    /// batch once instead of in each layer.</summary>
    internal bool GroupsAreContiguous { get; init; }

    /// <summary>Normalises each group by its own mean and variance (train), or all by the running ones (eval).</summary>
    /// <param name="input">N×C×H×W, contiguous or channels-last.</param>
    /// <returns>N×C×H×W of the input's layout and type.</returns>
    /// <exception cref="ArgumentException">The input has another shape.</exception>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() != 4 || input.shape[1] != weight.shape[0])
            throw new ArgumentException($"input is {string.Join("×", input.shape)}; expected N×{weight.shape[0]}×H×W.", nameof(input));
        if (!training) return nn.functional.batch_norm(input, running_mean, running_var, weight, bias, false, momentum, epsilon);

        using DisposeScope scope = NewDisposeScope();
        CountBatch();
        BatchGroups? groups = GroupsAreContiguous ? null : BatchGroups.Of(input.shape[0], splits);
        Tensor x = groups is null ? input : groups.Gather(input);
        Tensor y = NormaliseGroups(x, groups?.Sizes ?? BatchGroups.SizesOf(x.shape[0], splits));
        if (groups is not null) y = groups.Scatter(y);
        return y.MoveToOuterDisposeScope();
    }

    /// <summary>Whether its part of a pass may be computed without calling it.</summary>
    internal bool Fuses
        => training && pre_hooks.Count + post_hooks.Count + module_pre_hooks.Count + module_post_hooks.Count == 0;

    internal int Splits => splits;

    internal double Epsilon => epsilon;

    internal Parameter Weight => weight;

    internal double Momentum => momentum;

    internal Parameter Bias => bias;

    /// <summary>Running mean and variance.</summary>
    internal (Tensor Mean, Tensor Variance) Statistics => (running_mean, running_var);

    /// <summary>Counts a batch that was measured elsewhere.</summary>
    internal void CountBatch()
    {
        using IDisposable _ = no_grad();
        num_batches_tracked.add_(One, One);
    }

    /// <summary>Moves the running statistics by a batch that was measured elsewhere.</summary>
    /// <param name="means">Means, groups × channels.</param>
    /// <param name="squares">Sums of squared deviations, groups × channels.</param>
    /// <param name="groups">The groups.</param>
    internal void Count(ReadOnlySpan<double> means, ReadOnlySpan<double> squares, RowGroups groups)
    {
        CountBatch();
        Span<float> mean = MemoryMarshal.Cast<byte, float>(running_mean.bytes);
        Span<float> variance = MemoryMarshal.Cast<byte, float>(running_var.bytes);
        for (int channel = 0; channel < mean.Length; channel++)
        {
            double sumOfMeans = 0, sumOfVariances = 0;
            for (int group = 0; group < groups.Count; group++)
            {
                sumOfMeans += means[group * mean.Length + channel];
                sumOfVariances += squares[group * mean.Length + channel] / (groups.RowsOf(group) - 1);
            }
            mean[channel] = (float)((1 - momentum) * mean[channel] + momentum * sumOfMeans / groups.Count);
            variance[channel] = (float)((1 - momentum) * variance[channel] + momentum * sumOfVariances / groups.Count);
        }
    }

    /// <summary>Adds to the gradients of weight and bias.</summary>
    internal void AddGradients(ReadOnlySpan<double> ofWeight, ReadOnlySpan<double> ofBias)
    {
        Add(weight, ofWeight);
        Add(bias, ofBias);

        static void Add(Parameter parameter, ReadOnlySpan<double> more)
        {
            using Tensor? gradient = GradientOf(parameter);
            if (gradient is null) return;
            Span<float> numbers = MemoryMarshal.Cast<byte, float>(gradient.bytes);
            for (int i = 0; i < numbers.Length; i++) numbers[i] += (float)more[i];
        }
    }

    /// <summary>What a gradient is to be added to; null where none is wanted.</summary>
    internal static Tensor? GradientOf(Parameter parameter)
    {
        if (!parameter.requires_grad) return null;
        if (parameter.grad is { } gradient) return gradient;
        gradient = zeros_like(parameter).DetachFromDisposeScope();
        parameter.grad = gradient;
        return gradient;
    }

    private Tensor NormaliseGroups(Tensor x, long[] sizes)
    {
        if (sizes.Length == 1) return nn.functional.batch_norm(x, running_mean, running_var, weight, bias, true, momentum, epsilon);

        // Each group moves its own copy of the running statistics; their mean over the groups is kept.
        Tensor[] parts = x.split(sizes, 0);
        Tensor means = running_mean.repeat(sizes.Length, 1), variances = running_var.repeat(sizes.Length, 1); // S×C
        for (int group = 0; group < parts.Length; group++)
            parts[group] = nn.functional.batch_norm(parts[group], means[group], variances[group], weight, bias, true, momentum, epsilon);
        using (no_grad())
        {
            running_mean.copy_(means.mean([0]));
            running_var.copy_(variances.mean([0]));
        }
        return cat(parts, 0);
    }
}
