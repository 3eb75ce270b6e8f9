using MoCo.Encoders.Fused.Parts;

namespace MoCo.Encoders.Fused;

/// <summary>A residual block: layers with ReLU between them, the sum with the input (or with the layer that gives it the output's shape),
/// and ReLU.</summary>
internal sealed class FusedBlock : IFusedPart
{
    private readonly FusedLayer[] layers;
    private readonly FusedLayer? downsample;
    private readonly Tensor output;

    private FusedBlock(FusedLayer[] layers, FusedLayer? downsample, Tensor output)
        => (this.layers, this.downsample, this.output) = (layers, downsample, output);

    /// <summary>Passes what the block before made.</summary>
    public static Tensor Forward(
        IReadOnlyList<(Convolution, SplitBatchNorm2d)> path, (Convolution, SplitBatchNorm2d)? downsampling, Tensor input, FusedPass pass)
    {
        FusedLayer[] layers = new FusedLayer[path.Count];
        Tensor? y = null;
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = FusedLayers.Of(path[i].Item1, path[i].Item2, y ?? input, pass);
            y?.Dispose();
            if (i == layers.Length - 1) break;
            y = layers[i].Rectify();
            if (!pass.IsKept) layers[i].Dispose();
        }
        FusedLayer? downsample = downsampling is (Convolution, SplitBatchNorm2d) layer
            ? FusedLayers.Of(layer.Item1, layer.Item2, input, pass) : null;
        Tensor output = downsample is null ? layers[^1].RectifySum(input) : layers[^1].RectifySum(downsample);
        if (pass.IsKept)
        {
            pass.Add(new FusedBlock(layers, downsample, pass.Own(output.alias().DetachFromDisposeScope())));
        }
        else
        {
            layers[^1].Dispose();
            downsample?.Dispose();
        }
        return output;
    }

    public GradientSum? Backward(GradientSum gradient)
    {
        Tensor sum = gradient.First;
        layers[^1].MaskAndSum(output, sum, gradient.Second);
        gradient.Second?.Dispose();
        output.Dispose();
        Tensor? identity = sum;
        downsample?.SumsLike(layers[^1], sum);
        Tensor main = layers[^1].BackwardOfSum(sum)!;
        layers[^1].Dispose();
        if (downsample is not null)
        {
            identity = downsample.BackwardOfSum(sum)!;
            sum.Dispose();
            downsample.Dispose();
        }
        for (int i = layers.Length - 2; i >= 0; i--)
        {
            main = layers[i].Backward(main)!;
            layers[i].Dispose();
        }
        return new GradientSum(main, identity);
    }
}
