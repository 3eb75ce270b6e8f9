using System.Text.Json.Serialization;

namespace MoCo.Encoders;

/// <summary>The residual networks of He et al., "Deep Residual Learning for Image Recognition" (2016).</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Backbone>))]
public enum Backbone
{
    /// <summary>18 layers of basic blocks (2, 2, 2, 2); 512 features.</summary>
    ResNet18,

    /// <summary>34 layers of basic blocks (3, 4, 6, 3); 512 features.</summary>
    ResNet34,

    /// <summary>50 layers of bottleneck blocks (3, 4, 6, 3); 2048 features.</summary>
    ResNet50,

    /// <summary>101 layers of bottleneck blocks (3, 4, 23, 3); 2048 features.</summary>
    ResNet101,

    /// <summary>152 layers of bottleneck blocks (3, 8, 36, 3); 2048 features.</summary>
    ResNet152,

    /// <summary>ResNet-50 with every width doubled ("2×" in the MoCo paper, Table 1's neighbours); 4096 features.</summary>
    ResNet50Wide2,

    /// <summary>ResNet-50 with every width quadrupled ("4×"); 8192 features.</summary>
    ResNet50Wide4,

    /// <summary>torchvision's wide_resnet50_2: only the 3×3 convolutions inside the bottlenecks are doubled; 2048 features.</summary>
    WideResNet50,

    /// <summary>torchvision's wide_resnet101_2: as <see cref="WideResNet50"/> with 101 layers; 2048 features.</summary>
    WideResNet101,
}

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

    /// <summary>Numbers that the network makes of an image.</summary>
    public int Features(double factor) => StageWidths(factor)[^1] * Expansion;

    private static int Scale(int channels, double factor) => Math.Max(8, (int)Math.Round(channels * factor));
}
