using MoCo.Tensors;

namespace MoCo.Encoders;

/// <summary>A backbone and a projection head. Training contrasts <see cref="forward"/>'s embeddings; what users keep are
/// <see cref="features"/>. Any <c>Module&lt;Tensor, Tensor&gt;</c> can be the backbone.</summary>
public sealed class Encoder : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> backbone;
    private readonly nn.Module<Tensor, Tensor> head;

    /// <summary>Joins a backbone (images → N×F) and a head (N×F → N×D); the encoder owns both.</summary>
    public Encoder(nn.Module<Tensor, Tensor> backbone, nn.Module<Tensor, Tensor> head)
        : base(nameof(Encoder))
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(head);
        (this.backbone, this.head) = (backbone, head);
        RegisterComponents();
    }

    /// <summary>Makes a <see cref="ResNet"/> with a <see cref="ProjectionHead"/> of random weights.</summary>
    /// <param name="options">Backbone and head.</param>
    /// <param name="precision">Arithmetic of the backbone's convolutions.</param>
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
        TorchLibrary.Load();
        using Generator generator = new(unchecked((ulong)seed), CPU);
        ResNet backbone = new(options, precision, null, generator, other?.Backbone as ResNet, sharedStages);
        nn.Module<Tensor, Tensor> head = options.Head == HeadKind.BatchNormMlp
            ? new BatchNormMlp(2, backbone.FeatureDimension, options.HiddenDimension, options.EmbeddingDimension, generator: generator)
            : new ProjectionHead(options.Head, backbone.FeatureDimension, options.EmbeddingDimension, generator);
        return new Encoder(backbone, head);
    }

    /// <summary>The network whose features outlive the pretraining.</summary>
    public nn.Module<Tensor, Tensor> Backbone => backbone;

    /// <summary>The projection that is thrown away afterwards.</summary>
    public nn.Module<Tensor, Tensor> Head => head;

    /// <summary>Who looks at the backbone's features as they are made; null: nobody.</summary>
    internal Action<Tensor>? Watch { get; set; }

    /// <summary>N×C×H×W images → N×F features.</summary>
    public Tensor features(Tensor input)
    {
        Tensor made = backbone.call(input);
        Watch?.Invoke(made);
        return made;
    }

    /// <summary>N×C×H×W images → N×D embeddings (not normalised).</summary>
    public override Tensor forward(Tensor input)
    {
        using Tensor made = features(input);
        return head.call(made);
    }
}
