using TorchSharp.Utils;

namespace MoCo.Encoders.ResNets;

/// <summary>What gives a block's input the shape of its output: a 1×1 convolution, named 0, and BatchNorm, named 1.</summary>
internal sealed class Downsampling : HookedLayer
{
    [ComponentName(Name = "0")]
    private readonly Convolution convolution;

    [ComponentName(Name = "1")]
    private readonly SplitBatchNorm2d norm;

    public Downsampling(Convolution convolution, SplitBatchNorm2d norm)
        : base(nameof(Downsampling))
    {
        (this.convolution, this.norm) = (convolution, norm);
        RegisterComponents();
    }

    public Convolution Convolution => convolution;

    public SplitBatchNorm2d Norm => norm;

    public override Tensor forward(Tensor input)
    {
        using Tensor x = convolution.call(input);
        return norm.call(x);
    }
}
