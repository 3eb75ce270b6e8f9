namespace MoCo.Optimization;

/// <summary>Stochastic gradient descent with momentum as PyTorch's: g ← g + λθ; v ← μv + g; θ ← θ − ηv (Nesterov: θ ← θ − η(g + μv)), on
/// flat parameters.</summary>
internal sealed class FlatSgd(FlatParameters parameters, OptimizationOptions? options = null)
    : FlatOptimizer(parameters, options ?? new OptimizationOptions(), "velocity")
{
    protected override void Move(IReadOnlyList<Part> parts, double rate, double decay)
    {
        foreach (Part part in parts)
            FusedSteps.Sgd(part.Value, part.Gradient, part.Averages[0], rate, Options.Momentum,
                IsDecayed(Entries[part.First]) ? decay : 0, Options.Nesterov);
    }
}
