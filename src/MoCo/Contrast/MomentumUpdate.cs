using MoCo.Optimization;
using TorchSharp.Modules;

namespace MoCo.Contrast;

/// <summary>θ_k ← m·θ_k + (1−m)·θ_q over the parameters of two modules (He et al. 2019, Equation 2). Buffers, BatchNorm's running
/// statistics among them, stay each module's own. Modules that lie flat are updated in one pass over memory.</summary>
public sealed class MomentumUpdate : IDisposable
{
    private readonly (Tensor Query, Tensor Key)[] parts;
    private readonly (FlatParameters Query, FlatParameters Key)? flat;
    private readonly Scalar take;

    /// <summary>Prepares the update of <paramref name="key"/> towards <paramref name="query"/>, parameter by parameter.</summary>
    /// <param name="query">The module that learns.</param>
    /// <param name="key">The module that follows.</param>
    /// <param name="momentum">m, from 0 (copy) to 1 (never moves); 0.999 in the paper.</param>
    /// <exception cref="ArgumentException">The modules' parameters differ in name, shape or type.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="momentum"/> is outside 0–1.</exception>
    public MomentumUpdate(nn.Module query, nn.Module key, double momentum)
        : this(momentum)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        parts = Pair(query, key);
    }

    /// <summary>Prepares the update of flat parameters: one pass over memory.</summary>
    internal MomentumUpdate(FlatParameters query, FlatParameters key, double momentum)
        : this(momentum)
    {
        if (!query.IsLike(key))
            throw new ArgumentException("The two modules' parameters do not lie alike; expected the same architecture.", nameof(key));
        flat = (query, key);
        parts = [(query.Values, key.Values)];
    }

    private MomentumUpdate(double momentum)
    {
        if (!(momentum is >= 0 and <= 1)) throw OutOfRange.Of(momentum, "expected 0 to 1.");
        (Momentum, Final, take, parts) = (momentum, momentum, (1 - momentum).ToScalar(), []);
    }

    /// <summary>m.</summary>
    internal double Momentum { get; }

    /// <summary>m at the end of a run; <see cref="Momentum"/> where nothing else is said.</summary>
    internal double Final { get; init; }

    /// <summary>Moves the key module's parameters once.</summary>
    /// <exception cref="InvalidOperationException">The flat parameters are no longer the modules' own (moved to another device,
    /// say).</exception>
    public void Update() => Update(1 - Momentum);

    /// <summary>m when a share of the run is done: half a cosine from <see cref="Momentum"/> to <see cref="Final"/>.</summary>
    internal double At(double progress) => HalfCosine.Between(Momentum, Final, progress);

    /// <summary>Moves them once with the m of that share.</summary>
    internal void UpdateAt(double progress) => Update(1 - At(progress));

    /// <summary>The key module's flat parameters; null where they do not lie flat.</summary>
    internal Tensor? FlatKey => flat?.Key.Values;

    /// <summary>Set before an update of flat parameters to receive their old values, which costs less than a copy beforehand; the update
    /// sets it back to null. Null: no copy is wanted. The tensor stays the caller's.</summary>
    internal Tensor? Before { get; set; }

    private void Update(double share)
    {
        if (flat is { } both && !(both.Query.IsCurrent && both.Key.IsCurrent)) throw new InvalidOperationException(FlatParameters.Replaced);
        using IDisposable _ = no_grad();
        if (Before is { } before)
        {
            FusedSteps.Follow(flat!.Value.Key.Values, flat.Value.Query.Values, share, before);
            Before = null;
            return;
        }
        using Scalar? other = share == 1 - Momentum ? null : share.ToScalar();
        foreach ((Tensor query, Tensor key) in parts) FusedSteps.Follow(key, query, other ?? take);
    }

    /// <summary>Frees what was prepared; the modules stay.</summary>
    public void Dispose() => take.Dispose();

    private static (Tensor, Tensor)[] Pair(nn.Module query, nn.Module key)
    {
        (string name, Parameter parameter)[] queries = [.. query.named_parameters()], keys = [.. key.named_parameters()];
        if (queries.Length != keys.Length)
            throw new ArgumentException(
                $"The key module has {keys.Length} parameters; expected {queries.Length} as the query module.", nameof(key));
        foreach (((string name, Parameter parameter) q, (string name, Parameter parameter) k) in queries.Zip(keys))
        {
            bool same = q.name == k.name && q.parameter.dtype == k.parameter.dtype && q.parameter.shape.AsSpan()
                .SequenceEqual(k.parameter.shape);
            if (!same)
                throw new ArgumentException($"The key module has {Describe(k)}; expected {Describe(q)} as the query module.", nameof(key));
        }
        return [.. queries.Zip(keys, (q, k) => ((Tensor)q.parameter, (Tensor)k.parameter))
            .Where(pair => !ReferenceEquals(pair.Item1, pair.Item2))];

        static string Describe((string name, Parameter parameter) p)
            => $"{p.name} ({string.Join("×", p.parameter.shape)}, {p.parameter.dtype})";
    }
}
