using MoCo.Tensors;

namespace MoCo.Encoders;

/// <summary>A backbone and a projection head. Training contrasts <see cref="forward"/>'s embeddings; what users keep are
/// <see cref="features"/>. Any <c>Module&lt;Tensor, Tensor&gt;</c> can be the backbone.</summary>
public sealed class Encoder : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> backbone;
    private readonly nn.Module<Tensor, Tensor> head;
    private int? width;

    /// <summary>Joins a backbone (images → N×F) and a head (N×F → N×D); the encoder owns both.</summary>
    public Encoder(nn.Module<Tensor, Tensor> backbone, nn.Module<Tensor, Tensor> head)
        : base(nameof(Encoder))
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(head);
        (this.backbone, this.head) = (backbone, head);
        RegisterComponents();
    }

    /// <summary>Makes the backbone and the head that the options describe, of random weights.</summary>
    /// <param name="options">Backbone and head.</param>
    /// <param name="precision">Arithmetic of the backbone's convolutions; a network of the caller's own has its own.</param>
    /// <param name="seed">Seed of the initial weights.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all.</exception>
    public static Encoder Create(EncoderOptions options, Precision precision = Precision.Float32, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Create(options, precision, seed, null, 0);
    }

    /// <summary>The same with the stem and the first stages of another encoder, the modules themselves.</summary>
    internal static Encoder Create(EncoderOptions options, Precision precision, long seed, Encoder? other, int sharedStages)
    {
        int features = options.FeatureDimension;
        TorchLibrary.Load();
        using Generator generator = new(unchecked((ulong)seed), CPU);
        Architecture architecture = options.Backbone.Architecture!;
        nn.Module<Tensor, Tensor> backbone = other?.Backbone is ResNet first
            ? new ResNet(options, precision, null, generator, first, sharedStages)
            : architecture.Create(options, precision, generator);
        nn.Module<Tensor, Tensor> head = options.Head == HeadKind.BatchNormMlp
            ? new BatchNormMlp(
                architecture.ProjectorLayers, features, options.HiddenDimension, options.EmbeddingDimension, generator: generator)
            : new ProjectionHead(options.Head, features, options.EmbeddingDimension, generator);
        return new Encoder(backbone, head) { Options = options, width = features };
    }

    /// <summary>What <see cref="Create(EncoderOptions, Precision, long)"/> made it of; null of an encoder that the caller put together,
    /// except on a <see cref="ResNet"/>, whose it is.</summary>
    public EncoderOptions? Options
    {
        get => field ?? (backbone as ResNet)?.Options;
        private init;
    }

    /// <summary>The network whose features outlive the pretraining.</summary>
    public nn.Module<Tensor, Tensor> Backbone => backbone;

    /// <summary>The projection that is thrown away afterwards.</summary>
    public nn.Module<Tensor, Tensor> Head => head;

    /// <summary>Tells of images and the backbone's features of them as they are made.</summary>
    internal event Action<Tensor, Tensor>? FeaturesMade;

    /// <summary>Numbers in the features of an image; null where it is not known before the first.</summary>
    internal int? FeatureDimension => width ?? Options?.FeatureDimension;

    /// <summary>How passes with gradient are computed; null: all by autograd.</summary>
    internal EncoderPasses? Passes { get; set; }

    /// <summary>N×C×H×W images → N×F features.</summary>
    /// <exception cref="InvalidOperationException">A registered backbone makes another number of features than it was registered
    /// with.</exception>
    public Tensor features(Tensor input)
    {
        Tensor made = Passes is not null && is_grad_enabled() ? Passes.Forward(input) : backbone.call(input);
        if (width is int expected && (made.dim() != 2 || made.size(1) != expected))
            throw new InvalidOperationException($"The backbone {Options!.Backbone} made {string.Join("×", made.shape)} features of "
                + $"{input.size(0)} images; expected {input.size(0)}×{expected}, as it was registered.");
        FeaturesMade?.Invoke(input, made);
        return made;
    }

    /// <summary>N×C×H×W images → N×D embeddings (not normalised).</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor made = features(input);
        return head.call(made);
    }
}
