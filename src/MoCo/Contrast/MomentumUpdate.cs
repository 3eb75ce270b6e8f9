using MoCo.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Contrast;

/// <summary>
/// θ_k ← m·θ_k + (1−m)·θ_q over the parameters of two modules (He et al. 2019, Equation 2). Buffers, BatchNorm's running
/// statistics among them, stay each module's own. Modules that lie flat are updated in one pass over memory.
/// </summary>
public sealed class MomentumUpdate : IDisposable
{
    private readonly (Parameter Query, Parameter Key)[] pairs;
    private readonly (FlatParameters Query, FlatParameters Key)? flat;
    private readonly Tensor[] queryBlocks = [];
    private readonly Tensor[] keyBlocks = [];
    private readonly Scalar keep;
    private readonly Scalar take;

    /// <summary>Prepares the update of <paramref name="key"/> towards <paramref name="query"/>, parameter by parameter.</summary>
    /// <param name="query">The module that learns.</param>
    /// <param name="key">The module that follows.</param>
    /// <param name="momentum">m, from 0 (copy) to 1 (never moves); 0.999 in the paper.</param>
    /// <exception cref="ArgumentException">The modules' parameters differ in name, shape or type.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="momentum"/> is outside 0–1.</exception>
    public MomentumUpdate(nn.Module query, nn.Module key, double momentum)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        if (!(momentum is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "expected 0 to 1.");
        Momentum = momentum;
        (keep, take) = (momentum.ToScalar(), (1 - momentum).ToScalar());
        pairs = Pair(query, key);
    }

    /// <summary>Prepares the update of flat parameters: one pass over memory.</summary>
    /// <inheritdoc cref="MomentumUpdate(nn.Module, nn.Module, double)"/>
    public MomentumUpdate(FlatParameters query, FlatParameters key, double momentum)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        if (!(momentum is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(momentum), momentum, "expected 0 to 1.");
        if (!query.IsLike(key))
            throw new ArgumentException("The two modules' parameters do not lie alike; expected the same architecture.", nameof(key));
        Momentum = momentum;
        (keep, take) = (momentum.ToScalar(), (1 - momentum).ToScalar());
        pairs = [];
        flat = (query, key);
        queryBlocks = FlatBlocks.Of(query.Values, 0, query.Values.NumberOfElements);
        keyBlocks = FlatBlocks.Of(key.Values, 0, key.Values.NumberOfElements);
    }

    /// <summary>m.</summary>
    public double Momentum { get; }

    /// <summary>Moves the key module's parameters once.</summary>
    /// <exception cref="InvalidOperationException">The flat parameters are no longer the modules' own (moved to another device, say).</exception>
    public void Update()
    {
        if (flat is { } both && !(both.Query.IsCurrent && both.Key.IsCurrent))
            throw new InvalidOperationException("The modules' parameters were replaced after they were flattened (by to(device), say); flatten them again.");

        using IDisposable _ = no_grad();
        for (int i = 0; i < keyBlocks.Length; i++) keyBlocks[i].mul_(keep).add_(queryBlocks[i], take);
        foreach ((Parameter q, Parameter k) in pairs) k.mul_(keep).add_(q, take);
    }

    /// <summary>Frees the views; the modules stay.</summary>
    public void Dispose()
    {
        foreach (Tensor block in queryBlocks.Concat(keyBlocks)) block.Dispose();
        keep.Dispose();
        take.Dispose();
    }

    private static (Parameter, Parameter)[] Pair(nn.Module query, nn.Module key)
    {
        (string name, Parameter parameter)[] queries = [.. query.named_parameters()], keys = [.. key.named_parameters()];
        if (queries.Length != keys.Length)
            throw new ArgumentException($"The key module has {keys.Length} parameters; expected {queries.Length} as the query module.", nameof(key));
        foreach (((string name, Parameter parameter) q, (string name, Parameter parameter) k) in queries.Zip(keys))
        {
            if (q.name != k.name || !q.parameter.shape.AsSpan().SequenceEqual(k.parameter.shape) || q.parameter.dtype != k.parameter.dtype)
                throw new ArgumentException($"The key module has {Describe(k)}; expected {Describe(q)} as the query module.", nameof(key));
        }
        return [.. queries.Zip(keys, (q, k) => (q.parameter, k.parameter))];

        static string Describe((string name, Parameter parameter) p) => $"{p.name} ({string.Join("×", p.parameter.shape)}, {p.parameter.dtype})";
    }
}
