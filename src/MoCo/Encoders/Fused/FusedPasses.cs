using MoCo.Encoders.Fused.Parts;

namespace MoCo.Encoders.Fused;

/// <summary>Passes of a ResNet in fused layers where <see cref="ResNet.Fuses"/> says so; else they are what they would be
/// without.</summary>
internal sealed class FusedPasses : EncoderPasses
{
    private readonly ResNet network;
    private readonly GradientCheckpoints? plain;
    private readonly bool keepsStages;
    private readonly List<Pass> passes = [];

    /// <param name="encoder">Whose passes; it stays the caller's.</param>
    /// <param name="network">Its backbone.</param>
    /// <param name="checkpointing">Keep what goes into each stage only.</param>
    public FusedPasses(Encoder encoder, ResNet network, bool checkpointing)
        : base(encoder)
    {
        this.network = network;
        keepsStages = checkpointing;
        if (checkpointing) plain = new GradientCheckpoints(encoder);
    }

    public override Tensor Forward(Tensor input)
    {
        // What made the images may learn, too: then autograd goes all the way.
        if (input.requires_grad) return network.call(input);
        if (!network.Fuses(input)) return plain?.Forward(input) ?? network.call(input);
        Pass pass = new();
        try
        {
            Run(input, pass);
        }
        catch
        {
            pass.Dispose();
            throw;
        }
        passes.Add(pass);
        return network.Finish(pass.Output!);
    }

    private void Run(Tensor input, Pass pass)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        IReadOnlyList<Func<Tensor, FusedPass, Tensor>> stages = network.FusedStages;
        Tensor x = input.alias();
        for (int stage = 0; stage < stages.Count; stage++)
        {
            bool isKept = !keepsStages || stage == stages.Count - 1;
            if (!isKept) pass.Inputs.Add(x.alias().DetachFromDisposeScope());
            using FusedPass? once = isKept ? null : new FusedPass();
            using Tensor before = x;
            x = stages[stage](x, once ?? pass.Kept);
        }
        pass.Output = x.detach().requires_grad_(true).DetachFromDisposeScope();
    }

    public override void Backward()
    {
        plain?.Backward();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        // The last pass first, as autograd does: sums of gradients have the same bits then.
        for (; passes.Count > 0; passes.RemoveAt(passes.Count - 1))
        {
            using Pass pass = passes[^1];
            if (pass.Output!.grad is not { } gradient) continue;
            GradientSum? current = pass.Kept.Backward(new GradientSum(gradient));
            for (int stage = pass.Inputs.Count - 1; stage >= 0; stage--)
            {
                using FusedPass again = new() { IsKept = true, Counts = false };
                using Tensor input = pass.Inputs[stage];
                network.FusedStages[stage](input, again).Dispose();
                current = again.Backward(current!.Value);
            }
        }
    }

    protected override void Forget()
    {
        foreach (Pass pass in passes) pass.Dispose();
        passes.Clear();
        plain?.End();
    }

    /// <summary>What one pass keeps.</summary>
    private sealed class Pass : IDisposable
    {
        public FusedPass Kept { get; } = new() { IsKept = true };

        /// <summary>What went into the stages that are computed again.</summary>
        public List<Tensor> Inputs { get; } = [];

        public Tensor? Output { get; set; }

        public void Dispose()
        {
            Kept.Dispose();
            foreach (Tensor input in Inputs) input.Dispose();
            Output?.Dispose();
        }
    }
}
