namespace MoCo.Encoders;

/// <summary>The numbers that tell one residual network from another (He et al. 2016, Table 1).</summary>
internal readonly record struct ResNetArchitecture(bool Bottleneck, int[] Blocks, double Width = 1, double InnerWidth = 1)
{
    /// <summary>Output channels of a block over its nominal width: 4 for bottlenecks, 1 for basic blocks.</summary>
    public int Expansion => Bottleneck ? 4 : 1;

    public static ResNetArchitecture Of(Backbone backbone) => backbone switch
    {
        Backbone.ResNet18 => new(false, [2, 2, 2, 2]),
        Backbone.ResNet34 => new(false, [3, 4, 6, 3]),
        Backbone.ResNet50 => new(true, [3, 4, 6, 3]),
        Backbone.ResNet101 => new(true, [3, 4, 23, 3]),
        Backbone.ResNet152 => new(true, [3, 8, 36, 3]),
        Backbone.ResNet50Wide2 => new(true, [3, 4, 6, 3], Width: 2),
        Backbone.ResNet50Wide4 => new(true, [3, 4, 6, 3], Width: 4),
        Backbone.WideResNet50 => new(true, [3, 4, 6, 3], InnerWidth: 2),
        Backbone.WideResNet101 => new(true, [3, 4, 23, 3], InnerWidth: 2),
        _ => throw new ArgumentOutOfRangeException(nameof(backbone), backbone, $"expected a member of {nameof(Backbone)}"),
    };

    /// <summary>Widths of the four stages before expansion, whole and at least 8.</summary>
    public int[] StageWidths(double factor)
    {
        double width = Width * factor;
        return [Scale(64, width), Scale(128, width), Scale(256, width), Scale(512, width)];
    }

    private static int Scale(int channels, double factor) => Math.Max(8, (int)Math.Round(channels * factor));
}
