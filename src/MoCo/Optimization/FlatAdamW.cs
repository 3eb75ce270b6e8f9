using System.Runtime.InteropServices;

namespace MoCo.Optimization;

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter 2019) as PyTorch's, on flat parameters. A parameter's t counts the
/// steps in which it was not frozen.</summary>
internal sealed class FlatAdamW : FlatOptimizer
{
    private readonly Tensor steps; // one for each parameter, int64 on the CPU

    public FlatAdamW(FlatParameters parameters, OptimizationOptions options)
        : base(parameters, options, "mean", "square")
        => steps = zeros(Entries.Count, ScalarType.Int64, CPU).DetachFromDisposeScope();

    public override IEnumerable<(string Name, Tensor Tensor)> State => [.. base.State, ("steps", steps)];

    private Span<long> Steps => MemoryMarshal.Cast<byte, long>(steps.bytes);

    // Parameters that were frozen for a time have made other numbers of steps.
    protected override long Group(int index) => 2 * (Steps[index] - Steps[0]) + base.Group(index);

    protected override void Move(IReadOnlyList<Part> parts, double rate, double decay)
    {
        using Scalar step = rate.ToScalar(), first = Options.Momentum.ToScalar(), second = Options.SecondMomentum.ToScalar();
        using Scalar shrink = decay.ToScalar(), none = 0.0.ToScalar(), epsilon = Options.Epsilon.ToScalar();
        foreach (Part part in parts)
        {
            foreach (ref long made in Steps[part.First..part.End]) made++;
            using Tensor count = tensor((float)Steps[part.First], device: part.Value.device);
            FusedSteps.AdamW(part.Value, part.Gradient, part.Averages[0], part.Averages[1], count, step, first, second,
                IsDecayed(Entries[part.First]) ? shrink : none, epsilon);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        steps.Dispose();
    }
}
