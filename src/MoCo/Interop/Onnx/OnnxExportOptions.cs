using MoCo.Augmentation;
using MoCo.Encoders;

namespace MoCo.Interop.Onnx;

/// <summary>What <see cref="OnnxExport"/> writes. The defaults give the backbone's features for images of any size.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Features, or embeddings behind the head. Default: <see cref="OnnxOutput.Features"/>.</summary>
    public OnnxOutput Output { get; init; } = OnnxOutput.Features;

    /// <summary>Whether the model ends by dividing each row by its L2 norm, so that a dot product is the cosine. Default: false.</summary>
    public bool L2Normalize { get; init; }

    /// <summary>
    /// Whether each BatchNorm is folded into the convolution before it: fewer nodes, the same function up to rounding.
    /// Default: true.
    /// </summary>
    public bool FoldBatchNorm { get; init; } = true;

    /// <summary>Height of the images in pixels, at least 1, or null for any. Default: null.</summary>
    public int? Height { get; init; }

    /// <summary>Width of the images in pixels, at least 1, or null for any. Default: null.</summary>
    public int? Width { get; init; }

    /// <summary>
    /// How the images were normalised that the encoder learnt from. It is no part of the graph: it is written into the
    /// model's metadata for the program that prepares the images. Default: null, nothing is written.
    /// </summary>
    public Normalize? Normalization { get; init; }

    /// <summary>Every error of these options for images of a number of channels, each naming the property, its value and what is allowed; empty when there is none.</summary>
    /// <param name="channels">The encoder's <see cref="ResNetOptions.InputChannels"/>.</param>
    public IReadOnlyList<string> Errors(int channels)
    {
        var errors = new List<string>();
        if (!Enum.IsDefined(Output)) errors.Add($"Output is {Output}; expected a member of {nameof(OnnxOutput)}.");
        if (Height < 1) errors.Add($"Height is {Height}; expected 1 or more, or null for any.");
        if (Width < 1) errors.Add($"Width is {Width}; expected 1 or more, or null for any.");
        if (Normalization?.Channels is int normalised && normalised != channels)
            errors.Add($"Normalization is for {normalised} channels; expected {channels}, the encoder's.");
        return errors;
    }
}
