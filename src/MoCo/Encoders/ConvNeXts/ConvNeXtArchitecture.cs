namespace MoCo.Encoders.ConvNeXts;

/// <summary>The numbers that tell one ConvNeXt from another (Liu et al. 2022, section 3).</summary>
internal sealed record ConvNeXtArchitecture(int[] Depths, int FirstWidth) : Architecture
{
    /// <summary>Pixels that leave one place behind the last stage.</summary>
    public const int LeastSide = 32;

    public override bool HasStemAndBatchNorm => false;

    public int[] Widths(EncoderOptions options)
        => [.. Depths.Select((_, stage) => Math.Max(8, (int)Math.Round(FirstWidth * options.Width)) << stage)];

    public override int Features(EncoderOptions options) => Widths(options)[^1];

    public override nn.Module<Tensor, Tensor> Create(EncoderOptions options, Precision precision, Generator generator)
        => new ConvNeXt(Widths(options), Depths, options.InputChannels, precision, generator);

    public override string? SideExpected(int side) => side >= LeastSide ? null : $"{LeastSide} or more";

    public override (string Name, long[] Shape)? Witness(EncoderOptions options)
    {
        long widest = Widths(options)[^1];
        return ($"features.7.{Depths[^1] - 1}.block.3.weight", [4 * widest, widest]);
    }
}
