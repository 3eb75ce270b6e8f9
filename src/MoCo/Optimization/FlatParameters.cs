using TorchSharp.Modules;

namespace MoCo.Optimization;

/// <summary>A module's parameters as views of one flat tensor: the optimizer and the momentum update become a few passes over memory
/// instead of a few operations per parameter. Convolution weights lie channels-last. The module's own <see cref="Parameter"/> objects stay
/// and only their storage moves, so hooks and references keep working. Build it after <c>to(device)</c>: that replaces the parameters
/// (<see cref="IsCurrent"/> then says false).</summary>
internal sealed class FlatParameters : IDisposable
{
    /// <summary>What to tell where <see cref="IsCurrent"/> says false.</summary>
    public const string Replaced
        = "The module's parameters were replaced after they were flattened (by to(device), say); flatten them again.";

    // A gradient that autograd makes begins at the start of its storage; the flat one's parts never do, so that either is told from the
    // other. 64 bytes of float32: the vectors stay aligned.
    private const long GradientMargin = 16;

    private readonly nn.Module module;
    private readonly FlatParameter[] entries;
    private readonly HashSet<object> known;

    /// <summary>Moves the parameters of <paramref name="module"/> into one flat tensor, keeping their values.</summary>
    /// <param name="module">A module whose parameters have one floating type and lie on one device.</param>
    /// <param name="withGradients">Also give every parameter a gradient that is a view of one flat, zeroed tensor.</param>
    /// <exception cref="ArgumentException">The module has no parameters, or they differ in type or device.</exception>
    public FlatParameters(nn.Module module, bool withGradients = false)
    {
        this.module = module;
        entries = Layout(module);
        known = entries.Select(e => e.Parameter).ToHashSet<object>(ReferenceEqualityComparer.Instance);
        Parameter first = entries[0].Parameter;

        using IDisposable _ = no_grad();
        long length = entries.Sum(e => e.Length);
        Values = empty(length, dtype: first.dtype, device: first.device).DetachFromDisposeScope();
        if (withGradients)
        {
            using Tensor whole = zeros(GradientMargin + length, dtype: first.dtype, device: first.device);
            Gradients = whole.narrow(0, GradientMargin, length).DetachFromDisposeScope();
        }
        foreach (FlatParameter entry in entries)
        {
            using Tensor view = entry.View(Values);
            view.copy_(entry.Parameter);
            entry.Parameter.set_(view);
            if (Gradients is null) continue;
            using Tensor gradient = entry.View(Gradients);
            entry.Parameter.grad = gradient;
        }
    }

    /// <summary>Every parameter's numbers, 1-D: those of two and more dimensions first, then biases and BatchNorm's.</summary>
    public Tensor Values { get; }

    /// <summary>Every parameter's gradient in the same order, or null. Backward adds into it; the optimizer zeroes it.</summary>
    public Tensor? Gradients { get; }

    /// <summary>The parameters in the order in which they lie.</summary>
    public IReadOnlyList<FlatParameter> Entries => entries;

    /// <summary>Whether the module still has the parameters that were flattened.</summary>
    public bool IsCurrent => known.SetEquals(module.parameters());

    /// <summary>The first parameter that learns and whose gradient backward no longer adds into <see cref="Gradients"/>, since
    /// <c>zero_grad()</c> took it away, say; null where all is well.</summary>
    public FlatParameter? WithoutGradient => entries.FirstOrDefault(entry =>
    {
        if (!entry.Parameter.requires_grad) return false;
        using Tensor? gradient = entry.Parameter.grad;
        return gradient is null || gradient.storage_offset() != GradientMargin + entry.Offset;
    });

    /// <summary>Whether two modules' parameters lie alike, so that their flat tensors can be combined number by number.</summary>
    public bool IsLike(FlatParameters other)
        => entries.Length == other.entries.Length && entries.Zip(other.entries)
            .All(pair => pair.First.Offset == pair.Second.Offset && pair.First.Shape.AsSpan().SequenceEqual(pair.Second.Shape));

    // The parameters keep the memory that they still use.
    public void Dispose()
    {
        Values.Dispose();
        Gradients?.Dispose();
    }

    private static FlatParameter[] Layout(nn.Module module)
    {
        (string name, Parameter parameter)[] named = [.. module.named_parameters()];
        if (named.Length == 0) throw new ArgumentException("The module has no parameters; expected a network to train.", nameof(module));
        Parameter first = named[0].parameter;
        foreach ((string name, Parameter parameter) in named)
        {
            if (parameter.dtype != first.dtype || parameter.device.ToString() != first.device.ToString())
                throw new ArgumentException(
                    $"Parameter {name} is {parameter.dtype} on {parameter.device}; expected {first.dtype} on {first.device} as "
                    + $"{named[0].name}.", nameof(module));
        }
        List<FlatParameter> entries = new();
        HashSet<Parameter> seen = new(ReferenceEqualityComparer.Instance);
        long offset = 0;
        foreach ((string name, Parameter parameter) in named.Where(n => n.parameter.dim() > 1)
            .Concat(named.Where(n => n.parameter.dim() <= 1)))
        {
            if (!seen.Add(parameter)) continue;
            entries.Add(new FlatParameter(name, parameter, offset));
            offset += parameter.NumberOfElements;
        }
        return [.. entries];
    }
}

/// <summary>One parameter's place in a flat tensor (<see cref="FlatParameters"/>).</summary>
/// <param name="Name">In its module.</param>
/// <param name="Parameter">The module's own.</param>
/// <param name="Offset">Index of its first number.</param>
internal sealed record FlatParameter(string Name, Parameter Parameter, long Offset)
{
    public long Length { get; } = Parameter.NumberOfElements;

    public long[] Shape { get; } = Parameter.shape;

    /// <summary>The part of a flat tensor that belongs to this parameter, in its shape; 4-D ones channels-last.</summary>
    public Tensor View(Tensor flat)
    {
        using Tensor part = flat.narrow(0, Offset, Length);
        if (Shape.Length != 4) return part.view(Shape);
        using Tensor last = part.view(Shape[0], Shape[2], Shape[3], Shape[1]); // O×k×k×I in memory
        return last.permute(0, 3, 1, 2);
    }
}
