using MoCo.Encoders.Fused.Parts;

namespace MoCo.Encoders.ResNets;

/// <summary>Residual blocks one after the other, named by their numbers.</summary>
internal sealed class ResidualStage : HookedLayer
{
    private readonly ResidualBlock[] blocks;

    public ResidualStage(IEnumerable<ResidualBlock> blocks)
        : base(nameof(ResidualStage))
    {
        this.blocks = [.. blocks];
        for (int i = 0; i < this.blocks.Length; i++) register_module($"{i}", this.blocks[i]);
    }

    /// <summary>Whether all of it may be computed in fused layers.</summary>
    public bool Fuses => !IsHooked && blocks.All(block => block.Fuses);

    public override Tensor forward(Tensor input) => Chain(input, static (block, x) => block.call(x));

    /// <summary>A pass in fused layers.</summary>
    public Tensor Forward(Tensor input, FusedPass pass) => Chain(input, (block, x) => block.Forward(x, pass));

    private Tensor Chain(Tensor input, Func<ResidualBlock, Tensor, Tensor> next)
    {
        Tensor x = input;
        foreach (ResidualBlock block in blocks)
        {
            Tensor before = x;
            x = next(block, before);
            if (!ReferenceEquals(before, input)) before.Dispose();
        }
        return x;
    }
}
