using System.Text.Json.Serialization;

namespace MoCo.Contrast;

/// <summary>The methods that the library comes with.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MethodKind>))]
public enum MethodKind
{
    /// <summary>Momentum Contrast, v1 and v2: a queue of keys (<see cref="MomentumContrast"/>).</summary>
    MoCo,

    /// <summary>Two encoders that both learn, the batch's other keys as negatives (He et al. 2019, Fig. 2a).</summary>
    EndToEnd,

    /// <summary>One encoder, NT-Xent over both views (Chen et al. 2020).</summary>
    SimClr,

    /// <summary>One encoder and a row for every training sample (Wu et al. 2018).</summary>
    MemoryBank,

    /// <summary>An instance head and a cluster head: Contrastive Clustering (Li et al. 2021).</summary>
    ContrastiveClustering,

    /// <summary>No queue, a predictor, the momentum rising to 1 (Chen, Xie and He 2021).</summary>
    MoCoV3,
}
