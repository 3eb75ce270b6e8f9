namespace MoCo.Optimization;

/// <summary>SGD with momentum whose steps are scaled for each weight, as MoCo v3 and SimCLR train ResNets with large batches (You, Gitman
/// and Ginsburg 2017): g ← (g + λθ)·c‖θ‖/‖g + λθ‖; v ← μv + g; θ ← θ − ηv. Biases and BatchNorm's parameters, of one dimension, are neither
/// scaled nor decayed; a norm of 0 leaves the gradient as it is.</summary>
internal sealed class FlatLars(FlatParameters parameters, OptimizationOptions options) : FlatOptimizer(parameters, options, "velocity")
{
    protected override long Group(int index) => 0;

    protected override void Move(IReadOnlyList<Part> parts, double rate, double decay)
    {
        using Scalar shrink = decay.ToScalar(), trust = Options.TrustCoefficient.ToScalar();
        foreach (Part part in parts)
        {
            foreach (FlatParameter entry in Entries.Take(part.First..part.End).Where(entry => entry.Shape.Length > 1))
            {
                using DisposeScope scope = NewDisposeScope();
                long start = entry.Offset - Entries[part.First].Offset;
                Tensor value = part.Value.narrow(0, start, entry.Length), gradient = part.Gradient.narrow(0, start, entry.Length);
                Tensor ratio = value.norm().mul(trust).div(gradient.add_(value, shrink).norm());
                // Of a norm of 0 comes 0, infinity or no number.
                gradient.mul_(where(ratio.isfinite().logical_and(ratio.to(ScalarType.Bool)), ratio, ones_like(ratio)));
            }
            FusedSteps.Sgd(part.Value, part.Gradient, part.Averages[0], rate, Options.Momentum, decay: 0);
        }
    }
}
