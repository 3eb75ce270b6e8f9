using MoCo.Augmentation;
using MoCo.Encoders;

namespace MoCo.Interop;

/// <summary>What <see cref="EncoderFiles.SaveOnnx(Encoder, string, OnnxExportOptions)"/> writes. The defaults give the backbone's features
/// for images of any size.</summary>
public sealed record OnnxExportOptions
{
    /// <summary>Whether the model gives the head's embeddings, N×D, which the contrast was taken over, instead of the backbone's features,
    /// N×F, which search, clustering and classifiers use. Default: false.</summary>
    public bool Embeddings { get; init; }

    /// <summary>Whether the model ends by dividing each row by its L2 norm, so that a dot product is the cosine. Default: false.</summary>
    public bool L2Normalize { get; init; }

    /// <summary>Whether each BatchNorm is folded into the convolution before it: fewer nodes, the same function up to rounding. Default:
    /// true.</summary>
    public bool FoldBatchNorm { get; init; } = true;

    /// <summary>Height of the images in pixels, at least 1, or null for any. Default: null.</summary>
    public int? Height { get; init; }

    /// <summary>Width of the images in pixels, at least 1, or null for any. Default: null.</summary>
    public int? Width { get; init; }

    /// <summary>How the images were normalised that the encoder learnt from. It is no part of the graph: it is written into the model's
    /// metadata for the program that prepares the images. Default: null, nothing is written.</summary>
    public Normalize? Normalization { get; init; }

    internal void Check(int channels, bool hasHead) => new OptionErrors("The export's options have errors")
        .Check(hasHead || !Embeddings, Embeddings, $"false, since a bare {nameof(ResNet)} has no head")
        .Check(Height is null or >= 1, Height, "1 or more, or null for any")
        .Check(Width is null or >= 1, Width, "1 or more, or null for any")
        .Check(
            Normalization?.Channels is not int given || given == channels,
            Normalization?.Channels, $"{channels}, the encoder's", "Normalization.Channels")
        .ThrowIfAny();
}
