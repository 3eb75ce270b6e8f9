namespace MoCo.Encoders.Fused.Parts;

/// <summary>A pass of a network in fused layers: what it keeps for its backward, or until it is disposed.</summary>
internal sealed class FusedPass : IDisposable
{
    private readonly List<IDisposable> owned = [];
    private readonly Stack<IFusedPart> parts = [];

    /// <summary>Whether a backward follows.</summary>
    public bool IsKept { get; init; }

    /// <summary>Whether BatchNorm's running statistics move.</summary>
    public bool Counts { get; init; } = true;

    /// <summary>Threads that share a layer's rows.</summary>
    public int Threads { get; init; } = get_num_threads();

    /// <summary>Disposes something with the pass, at the latest.</summary>
    public T Own<T>(T thing)
        where T : IDisposable
    {
        owned.Add(thing);
        return thing;
    }

    /// <summary>Adds what takes the next step back.</summary>
    public void Add(IFusedPart part) => parts.Push(part);

    /// <summary>Goes back through all parts, freeing what they kept.</summary>
    /// <param name="gradient">The output's gradient; taken over.</param>
    /// <returns>The input's; null where it is not wanted.</returns>
    public GradientSum? Backward(GradientSum gradient)
    {
        GradientSum? current = gradient;
        while (parts.TryPop(out IFusedPart? part)) current = part.Backward(current!.Value);
        return current;
    }

    public void Dispose()
    {
        foreach (IDisposable thing in owned) thing.Dispose();
        owned.Clear();
        parts.Clear();
    }
}

/// <summary>A part of a network that was passed in fused layers.</summary>
internal interface IFusedPart
{
    /// <summary>From the gradient of what came out to that of what went in, on the way those of the weights.</summary>
    /// <param name="gradient">Taken over.</param>
    GradientSum? Backward(GradientSum gradient);
}

/// <summary>A gradient in one or two parts, as residual paths bring it: the sum is made where it is read.</summary>
internal readonly record struct GradientSum(Tensor First, Tensor? Second = null)
{
    /// <summary>The sum, in the first part's place.</summary>
    public Tensor Total()
    {
        if (Second is null) return First;
        First.add_(Second, One);
        Second.Dispose();
        return First;
    }
}
