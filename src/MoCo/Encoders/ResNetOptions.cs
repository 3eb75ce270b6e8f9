namespace MoCo.Encoders;

/// <summary>What a <see cref="ResNet"/> is built from. The defaults are torchvision's ResNet-50 without its classifier.</summary>
public sealed record ResNetOptions
{
    /// <summary>The architecture. Default: <see cref="Backbone.ResNet50"/>.</summary>
    public Backbone Backbone { get; init; } = Backbone.ResNet50;

    /// <summary>The first layers. Default: <see cref="Stem.ImageNet"/>.</summary>
    public Stem Stem { get; init; } = Stem.ImageNet;

    /// <summary>Channels of the images, 1 (grey) or 3 (color). Default: 3.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Factor on every width, for small machines (0.25) or wide networks (2); 0.0625–8. Default: 1.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Groups of a batch that BatchNorm sees apart (<see cref="SplitBatchNorm2d"/>); 1 is plain BatchNorm. Default: 1.</summary>
    public int BatchNormSplits { get; init; } = 1;

    /// <summary>Classes of a final linear layer <c>fc</c>, or null for the bare backbone. Default: null.</summary>
    public int? Classes { get; init; }

    /// <summary>Arithmetic of the convolutions. Default: <see cref="Precision.Float32"/>.</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>Every error of these options, each naming the property, its value and what is allowed; empty when there is none.</summary>
    public IReadOnlyList<string> Errors()
    {
        var errors = new List<string>();
        if (!Enum.IsDefined(Backbone)) errors.Add($"Backbone is {Backbone}; expected a member of {nameof(Encoders.Backbone)}.");
        if (!Enum.IsDefined(Stem)) errors.Add($"Stem is {Stem}; expected a member of {nameof(Encoders.Stem)}.");
        if (!Enum.IsDefined(Precision)) errors.Add($"Precision is {Precision}; expected a member of {nameof(Encoders.Precision)}.");
        if (InputChannels is not (1 or 3)) errors.Add($"InputChannels is {InputChannels}; expected 1 (grey) or 3 (color).");
        if (!(Width is >= 0.0625 and <= 8)) errors.Add($"Width is {Width}; expected 0.0625 to 8.");
        if (BatchNormSplits < 1) errors.Add($"BatchNormSplits is {BatchNormSplits}; expected 1 or more.");
        if (Classes < 1) errors.Add($"Classes is {Classes}; expected 1 or more, or null for no classifier.");
        return errors;
    }
}
