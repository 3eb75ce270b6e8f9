namespace MoCo.Encoders;

/// <summary>A network that is a chain of stages.</summary>
internal interface IStagedNetwork
{
    /// <summary>The stages: each takes what the one before gives, and leaves it as it is.</summary>
    IReadOnlyList<Func<Tensor, Tensor>> Stages { get; }
}

/// <summary>Gradient checkpointing: of a pass with gradient only what goes into each stage is kept, and backward computes the stages again,
/// one at a time. The last one, where backward begins, keeps its activations. Source: Chen et al., "Training Deep Nets with Sublinear
/// Memory Cost" (2016).</summary>
/// <remarks>Autograd ends at what goes into the last stage, and <see cref="Backward()"/> goes on from there. Only the first of both passes
/// counts in BatchNorm's statistics.</remarks>
internal sealed class GradientCheckpoints : EncoderPasses
{
    private readonly nn.Module<Tensor, Tensor> backbone;
    private readonly IReadOnlyList<Func<Tensor, Tensor>> stages;
    private readonly List<List<Tensor>> passes = [];

    /// <param name="encoder">Whose backbone's passes it is about; it stays the caller's.</param>
    /// <exception cref="NotSupportedException">The backbone's stages are not known.</exception>
    public GradientCheckpoints(Encoder encoder)
        : base(encoder)
    {
        backbone = encoder.Backbone;
        stages = encoder.Backbone is IStagedNetwork network ? network.Stages : throw new NotSupportedException(
            $"The backbone {encoder.Backbone.GetName()} can't be computed again stage by stage, and GradientCheckpointing is true; "
            + "expected false, or a ResNet, vision transformer or ConvNeXt of this library.");
    }

    /// <summary>The network's pass, the last stage's part with gradient.</summary>
    public override Tensor Forward(Tensor input)
    {
        if (input.requires_grad) return backbone.call(input);
        List<Tensor> inputs = [input.alias().DetachFromDisposeScope()];
        passes.Add(inputs);
        using (no_grad())
        {
            foreach (Func<Tensor, Tensor> stage in stages.SkipLast(1))
                inputs.Add(stage(inputs[^1]).DetachFromDisposeScope());
        }
        return stages[^1](inputs[^1].requires_grad_(true));
    }

    /// <summary>What backward has left to do: the gradients of all stages but the last, for every pass since the last call.</summary>
    public override void Backward()
    {
        if (passes.Count == 0) return;
        using DisposeScope scope = NewDisposeScope();
        Tensor[] buffers = [.. backbone.buffers()], before = [.. buffers.Select(buffer => buffer.clone())];
        try
        {
            // The last pass first, as autograd does: sums of gradients have the same bits then.
            foreach (List<Tensor> inputs in Enumerable.Reverse(passes)) Backward(inputs);
        }
        finally
        {
            using IDisposable constant = no_grad();
            foreach ((Tensor buffer, Tensor value) in buffers.Zip(before)) buffer.copy_(value);
            Forget();
        }
    }

    protected override void Forget()
    {
        foreach (Tensor input in passes.SelectMany(inputs => inputs)) input.Dispose();
        passes.Clear();
    }

    private void Backward(List<Tensor> inputs)
    {
        for (int stage = stages.Count - 2; stage >= 0; stage--)
        {
            // Those of the stage above have gone when the next one's are made.
            using DisposeScope scope = NewDisposeScope();
            if (inputs[^1].grad is not { } gradient) return;
            inputs[^1].Dispose();
            inputs.RemoveAt(inputs.Count - 1);
            if (stage > 0) inputs[^1].requires_grad_(true);
            Tensor made = stages[stage](inputs[^1]);
            if (made.requires_grad) made.backward([gradient]); // the first stages may be frozen
        }
    }
}
