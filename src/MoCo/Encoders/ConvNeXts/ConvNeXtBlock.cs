using MoCo.Encoders.Layers;
using TorchSharp.Modules;

namespace MoCo.Encoders.ConvNeXts;

/// <summary>A block of a ConvNeXt with torchvision's names: each channel's own 7×7 convolution, normalisation, to four times the channels
/// and back with GELU between, scaled channel by channel, beside a shortcut.</summary>
internal sealed class ConvNeXtBlock : nn.Module<Tensor, Tensor>
{
    private const double Scale = 1e-6;

    private readonly Parameter layer_scale;
    private readonly BlockLayers block;

    public ConvNeXtBlock(int width, Precision precision, Action<Tensor> start)
        : base(nameof(ConvNeXtBlock))
    {
        using Scalar scale = Scale.ToScalar();
        layer_scale = Starting.With([width, 1, 1], values => values.fill_(scale));
        block = new BlockLayers(width, precision, start);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        return input.add(block.call(input).mul(layer_scale), One).MoveToOuterDisposeScope();
    }

    /// <summary>torchvision's Sequential, whose layers without weights (permutations and GELU) have the numbers between.</summary>
    private sealed class BlockLayers : nn.Module<Tensor, Tensor>
    {
        private readonly BiasedConvolution own;
        private readonly LayerNormalization norm;
        private readonly DenseLayer widening;
        private readonly DenseLayer narrowing;

        public BlockLayers(int width, Precision precision, Action<Tensor> start)
            : base(nameof(BlockLayers))
        {
            own = new BiasedConvolution(width, width, 7, 1, precision, start, padding: 3, groups: width);
            norm = new LayerNormalization(width);
            widening = new DenseLayer(width, 4 * width, precision, start);
            narrowing = new DenseLayer(4 * width, width, precision, start);
            (string, nn.Module)[] numbered = [("0", own), ("2", norm), ("3", widening), ("5", narrowing)];
            foreach ((string number, nn.Module layer) in numbered) register_module(number, layer);
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor x = norm.call(own.call(input).permute(0, 2, 3, 1)); // N×H×W×C
            x = narrowing.call(nn.functional.gelu(widening.call(x)));
            return x.permute(0, 3, 1, 2).MoveToOuterDisposeScope();
        }
    }
}
