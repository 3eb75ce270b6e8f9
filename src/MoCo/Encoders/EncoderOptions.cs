using System.Text.Json.Serialization;

namespace MoCo.Encoders;

/// <summary>What an <see cref="Encoder"/> is built from. The defaults are the paper's: a ResNet-50 with a linear head of 128
/// dimensions.</summary>
public sealed record EncoderOptions
{
    /// <summary>The architecture: one of the library's, or one of the caller's own (<see cref="Backbone.Register"/>). Default:
    /// <see cref="Backbone.ResNet50"/>.</summary>
    public Backbone Backbone { get; init; } = Backbone.ResNet50;

    /// <summary>The first layers of a residual network; others have their own, and take <see cref="Stem.ImageNet"/> alone. Default:
    /// <see cref="Stem.ImageNet"/>.</summary>
    public Stem Stem { get; init; } = Stem.ImageNet;

    /// <summary>Channels of the images, 1 (grey) or 3 (color). Default: 3.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Factor on every width, for small machines (0.25) or wide networks (2), of a vision transformer on the number of heads;
    /// 0.0625–8. Default: 1.</summary>
    public double Width { get; init; } = 1;

    /// <summary>Projection head. Default: <see cref="HeadKind.Linear"/>.</summary>
    public HeadKind Head { get; init; } = HeadKind.Linear;

    /// <summary>Length of an embedding, 1–65,536; with <see cref="HeadKind.Direct"/> no more than there are features. Default:
    /// 128.</summary>
    public int EmbeddingDimension { get; init; } = 128;

    /// <summary>Width between the layers of <see cref="HeadKind.BatchNormMlp"/> and of MoCo v3's predictor, 1–65,536. Default:
    /// 4096.</summary>
    public int HiddenDimension { get; init; } = 4096;

    /// <summary>Groups of a batch that BatchNorm sees apart (<see cref="SplitBatchNorm2d"/>), 1 for plain BatchNorm. Default: 8, for the
    /// paper's eight GPUs; a backbone without BatchNorm takes 1 alone.</summary>
    public int BatchNormSplits { get; init; } = 8;

    /// <summary>Numbers that the backbone makes of an image: 2048 of a <see cref="Backbone.ResNet50"/> of width 1.</summary>
    /// <exception cref="ArgumentException">The options have errors; the message lists all of them.</exception>
    [JsonIgnore]
    public int FeatureDimension
    {
        get
        {
            Validate();
            return Features!.Value;
        }
    }

    /// <summary>The same; null where there is no such backbone.</summary>
    private int? Features => Width is >= 0.0625 and <= 8 ? Backbone?.Architecture?.Features(this) : null;

    /// <summary>Whether the backbone looks at <see cref="Stem"/> and <see cref="BatchNormSplits"/>.</summary>
    internal bool HasStemAndBatchNorm => Backbone?.Architecture?.HasStemAndBatchNorm ?? true;

    /// <summary>Checks every property.</summary>
    /// <exception cref="ArgumentException">There are errors; the message lists all of them, each with the property, its value and what is
    /// allowed.</exception>
    public void Validate()
    {
        OptionErrors errors = new(nameof(EncoderOptions));
        Check(errors);
        errors.ThrowIfAny();
    }

    internal void Check(OptionErrors errors) => errors
        .Check(Backbone?.Architecture is not null, Backbone,
            $"one of {string.Join(", ", Backbone.Library)}, or a name that this program has given to Backbone.Register")
        .CheckDefined(Stem)
        .CheckDefined(Head)
        .Check(InputChannels is 1 or 3, InputChannels, "1 (grey) or 3 (color)")
        .Check(Width is >= 0.0625 and <= 8, Width, "0.0625 to 8")
        .Check(EmbeddingDimension is >= 1 and <= 65536, EmbeddingDimension, "1 to 65536")
        .Check(Head != HeadKind.Direct || EmbeddingDimension <= (Features ?? int.MaxValue), EmbeddingDimension,
            $"{Features} at most, the backbone's features, of which Head Direct takes the first")
        .Check(HiddenDimension is >= 1 and <= 65536, HiddenDimension, "1 to 65536")
        .Check(BatchNormSplits >= 1, BatchNormSplits, "1 or more")
        .Check(Stem == Stem.ImageNet || HasStemAndBatchNorm, Stem, $"ImageNet with Backbone {Backbone}, which has first layers of its own")
        .Check(BatchNormSplits <= 1 || HasStemAndBatchNorm, BatchNormSplits, $"1 with Backbone {Backbone}, which has no BatchNorm");
}

/// <summary>The first layers of a <see cref="ResNet"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Stem>))]
public enum Stem
{
    /// <summary>7×7 convolution of stride 2 and 3×3 max-pooling of stride 2: for images of about 224 pixels.</summary>
    ImageNet,

    /// <summary>3×3 convolution of stride 1, no pooling: for images up to about 64 pixels (the MoCo CIFAR-10 recipe).</summary>
    SmallImage,

    /// <summary>3×3 convolution of stride 2, no pooling: small images on small machines, a quarter of the work.</summary>
    SmallImageStride2,
}

/// <summary>The form of a <see cref="ProjectionHead"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HeadKind>))]
public enum HeadKind
{
    /// <summary>One linear layer: MoCo v1.</summary>
    Linear,

    /// <summary>Linear, ReLU, linear, the hidden layer as wide as the features: MoCo v2.</summary>
    Mlp,

    /// <summary>Linear, BatchNorm, ReLU, linear, BatchNorm: the projector of MoCo v3; on a vision
    /// transformer, as there, with a third linear layer between.</summary>
    BatchNormMlp,

    /// <summary>No weights: the embedding is the first <see cref="EncoderOptions.EmbeddingDimension"/> of the features (DirectCLR, Jing et
    /// al. 2022, with 360 of a ResNet-50's 2048).</summary>
    Direct,
}

/// <summary>The arithmetic of convolutions.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Precision>))]
public enum Precision
{
    /// <summary>32-bit floating point throughout.</summary>
    Float32,

    /// <summary>Convolutions in bfloat16 on float32 master weights; statistics, normalisation of embeddings, logits and loss stay float32.
    /// Pays for wide networks on processors with AMX and on GPUs with tensor cores; small ones gain little or lose.</summary>
    BFloat16,

    /// <summary>Convolutions in float16, everything else as with <see cref="BFloat16"/>; the loss is scaled, so that gradients do not
    /// vanish, and a step whose gradients overflow is left out while the scale is halved (Micikevicius et al., "Mixed Precision Training",
    /// 2018). For GPUs; processors compute it slowly.</summary>
    Float16,
}
