using MoCo.Tensors;
using TorchSharp.Modules;

namespace MoCo.Encoders;

/// <summary>Maps features to the embedding that the contrast is taken over. Linear (v1) has <c>weight</c> and <c>bias</c> of one layer
/// <c>0</c>; MLP (v2) has layers <c>0</c> and <c>2</c> with ReLU between, no BatchNorm (Chen et al. 2020); a direct one has no layers and
/// takes the first features as they are (Jing et al. 2022).</summary>
public sealed class ProjectionHead : nn.Module<Tensor, Tensor>
{
    private readonly Sequential? layers;

    /// <summary>Makes the head with torch's own linear initialisation.</summary>
    /// <param name="kind">Linear, MLP or direct.</param>
    /// <param name="features">Length of the features, at least 1.</param>
    /// <param name="dimension">Length of the embedding, at least 1; 128 in the paper. Of a direct head at most
    /// <paramref name="features"/>.</param>
    /// <param name="generator">Source of the initial weights; null seeds one with 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public ProjectionHead(HeadKind kind, int features, int dimension = 128, Generator? generator = null)
        : base(TorchLibrary.LoadFor(nameof(ProjectionHead)))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(features, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (kind == HeadKind.Direct) ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, features);
        using Generator? own = generator is null ? new Generator(0, CPU) : null;
        LayerFactory factory = new(Precision.Float32, 1, generator ?? own!);
        layers = kind switch
        {
            HeadKind.Linear => nn.Sequential(("0", factory.Linear(features, dimension))),
            HeadKind.Mlp
            => nn.Sequential(("0", factory.Linear(features, features)), ("1", nn.ReLU(inplace: true)),
            ("2", factory.Linear(features, dimension))),
            HeadKind.Direct => null,
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, $"expected a member of {nameof(HeadKind)}"),
        };
        (Kind, FeatureDimension, EmbeddingDimension) = (kind, features, dimension);
        RegisterComponents();
        GC.KeepAlive(generator);
    }

    /// <summary>Linear, MLP or direct.</summary>
    public HeadKind Kind { get; }

    /// <summary>Length of the features that go in.</summary>
    public int FeatureDimension { get; }

    /// <summary>Length of the embeddings that come out.</summary>
    public int EmbeddingDimension { get; }

    /// <summary>Projects N×<see cref="FeatureDimension"/> features to N×<see cref="EmbeddingDimension"/> embeddings (not
    /// normalised).</summary>
    public override Tensor forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return layers is null ? input.narrow(1, 0, EmbeddingDimension) : layers.call(input);
    }
}
