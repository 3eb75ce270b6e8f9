using System.Text.Json.Serialization;

namespace MoCo.Encoders;

/// <summary>The form of a <see cref="ProjectionHead"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HeadKind>))]
public enum HeadKind
{
    /// <summary>One linear layer: MoCo v1.</summary>
    Linear,

    /// <summary>Linear, ReLU, linear, the hidden layer as wide as the features: MoCo v2.</summary>
    Mlp,
}
