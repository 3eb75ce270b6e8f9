using MoCo.Encoders.Fused;
using MoCo.Encoders.Fused.Parts;

namespace MoCo.Encoders.ResNets;

/// <summary>One residual block with torchvision's names: the basic form (conv1 3×3, conv2 3×3) or the bottleneck (conv1 1×1, conv2 3×3
/// carrying the stride, conv3 1×1), and <c>downsample</c> where the shape changes.</summary>
internal sealed class ResidualBlock : HookedLayer
{
    private readonly Convolution conv1;
    private readonly SplitBatchNorm2d bn1;
    private readonly Convolution conv2;
    private readonly SplitBatchNorm2d bn2;
    private readonly Convolution? conv3;
    private readonly SplitBatchNorm2d? bn3;
    private readonly Downsampling? downsample;

    public ResidualBlock(int inputs, int inner, int outputs, int stride, bool bottleneck, LayerFactory layers)
        : base(nameof(ResidualBlock))
    {
        if (bottleneck)
        {
            (conv1, bn1) = (layers.Convolution(inputs, inner, 1, 1), layers.BatchNorm(inner));
            (conv2, bn2) = (layers.Convolution(inner, inner, 3, stride), layers.BatchNorm(inner));
            (conv3, bn3) = (layers.Convolution(inner, outputs, 1, 1), layers.BatchNorm(outputs));
        }
        else
        {
            (conv1, bn1) = (layers.Convolution(inputs, outputs, 3, stride), layers.BatchNorm(outputs));
            (conv2, bn2) = (layers.Convolution(outputs, outputs, 3, 1), layers.BatchNorm(outputs));
        }
        if (stride != 1 || inputs != outputs)
            downsample = new Downsampling(layers.Convolution(inputs, outputs, 1, stride), layers.BatchNorm(outputs));
        RegisterComponents();
    }

    /// <summary>Whether all of it may be computed in fused layers: weights that lie channels-last, BatchNorm by the batch's statistics,
    /// nobody who wants to hear of a layer.</summary>
    public bool Fuses => !IsHooked && downsample is not { IsHooked: true } && ChannelsLast.Is(conv2.Weight)
        && !conv1.IsHooked && !conv2.IsHooked && conv3 is not { IsHooked: true } && downsample is not { Convolution.IsHooked: true }
        && bn1.Fuses && bn2.Fuses && bn3 is not { Fuses: false } && downsample is not { Norm.Fuses: false };

    /// <summary>A pass in fused layers.</summary>
    public Tensor Forward(Tensor input, FusedPass pass)
        => FusedBlock.Forward(conv3 is null ? [(conv1, bn1), (conv2, bn2)] : [(conv1, bn1), (conv2, bn2), (conv3, bn3!)],
            downsample is null ? null : (downsample.Convolution, downsample.Norm), input, pass);

    public override Tensor forward(Tensor input)
    {
        // The scope frees activations that no gradient needs as soon as the block is done.
        using DisposeScope scope = NewDisposeScope();
        Tensor y = bn1.call(conv1.call(input)).relu_();
        y = bn2.call(conv2.call(y));
        if (conv3 is not null) y = bn3!.call(conv3.call(y.relu_()));
        Tensor identity = downsample is null ? input : downsample.call(input);
        return y.add_(identity, One).relu_().MoveToOuterDisposeScope();
    }
}
