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
