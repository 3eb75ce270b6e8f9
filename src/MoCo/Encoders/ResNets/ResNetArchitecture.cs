namespace MoCo.Encoders.ResNets;

/// <summary>The numbers that tell one residual network from another (He et al. 2016, Table 1).</summary>
internal sealed record ResNetArchitecture(bool Bottleneck, int[] Blocks, double Width = 1, double InnerWidth = 1) : Architecture
{
    /// <summary>Output channels of a block over its nominal width: 4 for bottlenecks, 1 for basic blocks.</summary>
    public int Expansion => Bottleneck ? 4 : 1;

    public static ResNetArchitecture Of(Backbone backbone) => backbone.Architecture as ResNetArchitecture
        ?? throw new ArgumentOutOfRangeException(nameof(backbone), backbone, $"expected one of {string.Join(", ", All)}");

    /// <summary>The backbones that are residual networks.</summary>
    public static IEnumerable<Backbone> All => Backbone.Library.Where(backbone => backbone.Architecture is ResNetArchitecture);

    /// <summary>Widths of the four stages before expansion, whole and at least 8.</summary>
    public int[] StageWidths(double factor)
    {
        double width = Width * factor;
        return [Scale(64, width), Scale(128, width), Scale(256, width), Scale(512, width)];
    }

    public override int Features(EncoderOptions options) => StageWidths(options.Width)[^1] * Expansion;

    public override nn.Module<Tensor, Tensor> Create(EncoderOptions options, Precision precision, Generator generator)
        => new ResNet(options, precision, generator: generator);

    public override (string Name, long[] Shape)? Witness(EncoderOptions options)
    {
        long inside = (long)Math.Round(StageWidths(options.Width)[^1] * InnerWidth);
        return ("layer4.0.conv2.weight", [inside, inside, 3, 3]);
    }

    private static int Scale(int channels, double factor) => Math.Max(8, (int)Math.Round(channels * factor));
}
