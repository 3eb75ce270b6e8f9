using MoCo.Encoders.Fused.Parts;

namespace MoCo.Encoders.Fused;

/// <summary>A network's beginning: convolution, BatchNorm, ReLU and, where the network pools, its pooling.</summary>
internal sealed class FusedStem : IFusedPart
{
    private readonly FusedLayer layer;
    private readonly Tensor? unpooled;
    private readonly Tensor? pooled;

    private FusedStem(FusedLayer layer, Tensor? unpooled, Tensor? pooled)
        => (this.layer, this.unpooled, this.pooled) = (layer, unpooled, pooled);

    /// <summary>Passes images; what pools the result may be null.</summary>
    public static Tensor Forward(
        Convolution convolution, SplitBatchNorm2d norm, Func<Tensor, Tensor>? pool, Tensor input, FusedPass pass)
    {
        FusedLayer layer = FusedLayers.Of(convolution, norm, input, pass, passesGradient: false);
        Tensor? unpooled = null, pooled = null, y = pool is null ? null : layer.RectifyAndPool();
        bool isPooled = y is not null;
        y ??= layer.Rectify();
        if (pool is not null && !isPooled)
        {
            unpooled = pass.Own(y.DetachFromDisposeScope());
            if (pass.IsKept) unpooled.requires_grad_(true);
            using (enable_grad(pass.IsKept)) pooled = pass.Own(pool(unpooled).DetachFromDisposeScope());
            y = pooled.detach();
        }
        if (pass.IsKept)
        {
            pass.Add(new FusedStem(layer, unpooled, pooled));
        }
        else
        {
            layer.Dispose();
            unpooled?.Dispose();
            pooled?.Dispose();
        }
        return y;
    }

    public GradientSum? Backward(GradientSum gradient)
    {
        Tensor total = gradient.Total();
        if (pooled is not null)
        {
            using Tensor result = total;
            pooled.backward([result]);
            total = unpooled!.grad!;
            pooled.Dispose();
            unpooled.Dispose();
        }
        _ = layer.Backward(total);
        layer.Dispose();
        return null;
    }
}
