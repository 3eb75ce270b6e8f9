using MoCo.Encoders.Layers;

namespace MoCo.Encoders.Transformers;

/// <summary>A block of a vision transformer with timm's names: attention and a network of two layers, each behind a normalisation and
/// beside a shortcut.</summary>
internal sealed class TransformerBlock : nn.Module<Tensor, Tensor>
{
    private readonly LayerNormalization norm1;
    private readonly SelfAttention attn;
    private readonly LayerNormalization norm2;
    private readonly TwoLayers mlp;

    public TransformerBlock(TransformerSize size, Precision precision, Generator generator)
        : base(nameof(TransformerBlock))
    {
        (norm1, norm2) = (new LayerNormalization(size.Width), new LayerNormalization(size.Width));
        attn = new SelfAttention(size, precision, generator);
        mlp = new TwoLayers(size.Width, precision, generator);
        RegisterComponents();
    }

    /// <summary>N×tokens×F, float32.</summary>
    public override Tensor forward(Tensor input)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = input.add(attn.call(norm1.call(input)), One);
        return x.add(mlp.call(norm2.call(x)), One).MoveToOuterDisposeScope();
    }

    /// <summary>Glorot's uniform initialisation (2010), ±√(6 / (inputs + outputs)).</summary>
    private static DenseLayer Dense(int inputs, int outputs, Precision precision, Generator generator, int? counted = null)
    {
        double bound = Math.Sqrt(6.0 / (inputs + (counted ?? outputs)));
        return new DenseLayer(inputs, outputs, precision, values => values.uniform_(-bound, bound, generator));
    }

    /// <summary>Attention of every token to all, over heads of a part of the width each (Vaswani et al. 2017), by libtorch's fused
    /// kernels.</summary>
    private sealed class SelfAttention : nn.Module<Tensor, Tensor>
    {
        private readonly DenseLayer qkv;
        private readonly DenseLayer proj;
        private readonly int heads;

        public SelfAttention(TransformerSize size, Precision precision, Generator generator)
            : base(nameof(SelfAttention))
        {
            heads = size.Heads;
            qkv = Dense(size.Width, 3 * size.Width, precision, generator, counted: size.Width); // three layers in one
            proj = Dense(size.Width, size.Width, precision, generator);
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            (long batch, long tokens, long width) = (input.size(0), input.size(1), input.size(2));
            Tensor all = qkv.call(input).view(batch, tokens, 3, heads, width / heads).permute(2, 0, 3, 1, 4); // 3×N×heads×tokens×d
            Tensor attended = nn.functional.scaled_dot_product_attention(all.select(0, 0), all.select(0, 1), all.select(0, 2));
            return proj.call(attended.transpose(1, 2).reshape(batch, tokens, width)).MoveToOuterDisposeScope();
        }
    }

    /// <summary>To four times the width and back, with GELU between (Hendrycks and Gimpel 2016, the exact form).</summary>
    private sealed class TwoLayers : nn.Module<Tensor, Tensor>
    {
        private readonly DenseLayer fc1;
        private readonly DenseLayer fc2;

        public TwoLayers(int width, Precision precision, Generator generator)
            : base(nameof(TwoLayers))
        {
            (fc1, fc2) = (Dense(width, 4 * width, precision, generator), Dense(4 * width, width, precision, generator));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return fc2.call(nn.functional.gelu(fc1.call(input))).MoveToOuterDisposeScope();
        }
    }
}
