namespace MoCo.Encoders.ResNets;

/// <summary>The layers of a <see cref="ResNet"/> for images of one size, without the network: what its memory is counted from.</summary>
/// <param name="Stem">The first convolution with its BatchNorm.</param>
/// <param name="Pooled">Pixels of an image behind the stem's pooling; null where there is none.</param>
/// <param name="Blocks">The residual blocks in their order.</param>
internal sealed record ResNetShape(ConvolutionShape Stem, long? Pooled, IReadOnlyList<BlockShape> Blocks)
{
    /// <summary>All convolutions.</summary>
    public IEnumerable<ConvolutionShape> Convolutions => Blocks.SelectMany(block => block.All).Prepend(Stem);

    public static ResNetShape Of(EncoderOptions options, int size)
    {
        ResNetArchitecture architecture = ResNetArchitecture.Of(options.Backbone);
        int[] widths = architecture.StageWidths(options.Width);
        bool pools = options.Stem == Encoders.Stem.ImageNet;
        ConvolutionShape stem
            = new(options.InputChannels, widths[0], pools ? 7 : 3, options.Stem == Encoders.Stem.SmallImage ? 1 : 2, size);
        (int channels, int side) = (widths[0], pools ? Reduced(stem.Side, 2) : stem.Side);
        long? pooled = pools ? (long)side * side : null;

        List<BlockShape> blocks = [];
        for (int stage = 0; stage < widths.Length; stage++)
        {
            (int inner, int outputs) = ((int)Math.Round(widths[stage] * architecture.InnerWidth), widths[stage] * architecture.Expansion);
            for (int i = 0; i < architecture.Blocks[stage]; i++)
            {
                int stride = i == 0 && stage > 0 ? 2 : 1, reduced = Reduced(side, stride);
                ConvolutionShape[] path = architecture.Bottleneck
                    ? [new(channels, inner, 1, 1, side), new(inner, inner, 3, stride, side), new(inner, outputs, 1, 1, reduced)]
                    : [new(channels, outputs, 3, stride, side), new(outputs, outputs, 3, 1, reduced)];
                ConvolutionShape? downsample
                    = stride != 1 || channels != outputs ? new ConvolutionShape(channels, outputs, 1, stride, side) : null;
                blocks.Add(new BlockShape($"layer{stage + 1}.{i}", stage, path, downsample));
                (channels, side) = (outputs, reduced);
            }
        }
        return new ResNetShape(stem, pooled, blocks);
    }

    /// <summary>The side of an image behind a layer that is padded to keep it, but for its stride.</summary>
    public static int Reduced(int side, int stride) => (side - 1) / stride + 1;
}

/// <summary>A residual block: its convolutions, each with a BatchNorm, and the one beside them where the shape changes.</summary>
internal sealed record BlockShape(string Name, int Stage, ConvolutionShape[] Path, ConvolutionShape? Downsample)
{
    public IEnumerable<ConvolutionShape> All => Downsample is null ? Path : Path.Append(Downsample);

    /// <summary>Numbers that go in and come out for each image.</summary>
    public (long Input, long Output) Numbers => (Path[0].InputNumbers, Path[^1].OutputNumbers);
}

/// <summary>A convolution of padding kernel/2 with its BatchNorm, over images of width and height InputSide.</summary>
internal sealed record ConvolutionShape(int Inputs, int Outputs, int Kernel, int Stride, int InputSide)
{
    public int Side { get; } = ResNetShape.Reduced(InputSide, Stride);

    public long Weights => (long)Inputs * Outputs * Kernel * Kernel;

    /// <summary>The weights, and BatchNorm's scale and shift.</summary>
    public long Parameters => Weights + 2 * Outputs;

    public long InputNumbers => (long)Inputs * InputSide * InputSide;

    public long OutputNumbers => (long)Outputs * Side * Side;
}
