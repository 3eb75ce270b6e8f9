namespace MoCo.Encoders.Transformers;

/// <summary>The numbers that tell one vision transformer from another.</summary>
/// <param name="Width">Length of a token, a multiple of 4 and of the heads.</param>
/// <param name="Depth">Blocks.</param>
/// <param name="Heads">Heads of an attention.</param>
internal readonly record struct TransformerSize(int Width, int Depth, int Heads);

/// <summary>A vision transformer of patches of 16 pixels.</summary>
internal sealed record TransformerArchitecture(TransformerSize Full) : Architecture
{
    public override bool HasStemAndBatchNorm => false;

    public override int ProjectorLayers => 3;

    public override bool PredictorEndsNormed => true;

    /// <summary>Length of a head's part of a token.</summary>
    public int HeadWidth => Full.Width / Full.Heads;

    /// <summary>A narrower or wider network has fewer or more heads, as wide as before.</summary>
    public TransformerSize Size(EncoderOptions options)
    {
        int heads = Math.Max(1, (int)Math.Round(Full.Heads * options.Width));
        return new TransformerSize(heads * HeadWidth, Full.Depth, heads);
    }

    public override int Features(EncoderOptions options) => Size(options).Width;

    public override nn.Module<Tensor, Tensor> Create(EncoderOptions options, Precision precision, Generator generator)
        => new VisionTransformer(Size(options), options.InputChannels, precision, generator);

    public override string? SideExpected(int side)
        => side % VisionTransformer.Patch == 0 ? null : $"a multiple of {VisionTransformer.Patch}, the side of a patch";

    public override (string Name, long[] Shape)? Witness(EncoderOptions options)
    {
        TransformerSize size = Size(options);
        return ($"blocks.{size.Depth - 1}.mlp.fc1.weight", [4L * size.Width, size.Width]);
    }
}
