using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>The fixtures' network: conv(1→4, 3×3) → BatchNorm → ReLU → mean over the image; its head is fc(4→8).</summary>
internal sealed class TinyBackbone : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d conv;
    private readonly nn.Module<Tensor, Tensor> bn;

    public TinyBackbone(int splits)
        : base(nameof(TinyBackbone))
    {
        conv = nn.Conv2d(1, 4, 3, padding: 1, bias: false);
        bn = new SplitBatchNorm2d(4, splits);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return bn.call(conv.call(input)).relu().mean([2L, 3L]).MoveToOuterDisposeScope();
    }

    public static Encoder Encoder(int splits = 1, ScalarType type = ScalarType.Float32)
        => new Encoder(new TinyBackbone(splits), nn.Linear(4, 8)).to(type);
}
