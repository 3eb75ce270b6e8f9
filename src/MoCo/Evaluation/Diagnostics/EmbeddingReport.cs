namespace MoCo.Evaluation.Diagnostics;

/// <summary>What embeddings are like, whatever they are used for: figures that tell healthy ones from collapsed ones without any labels,
/// namely alignment and uniformity (Wang and Isola, 2020), the spectrum of the covariance (Jing et al., 2021), RankMe (Garrido et al.,
/// 2023), LiDAR (Thilak et al., 2023), similarities of positives and negatives. All figures are of the embeddings brought to unit
/// length.</summary>
public sealed partial record EmbeddingReport
{
    /// <summary>Embeddings measured (N).</summary>
    public required int Count { get; init; }

    /// <summary>Mean squared distance of two views' embeddings, 0 (the same) … 4; null where there was one view.</summary>
    public required double? Alignment { get; init; }

    /// <summary>Logarithm of the mean of exp(−2‖x − y‖²) over pairs of different images, at most 0; the lower, the more evenly spread.
    /// Random directions come near −4 in many dimensions.</summary>
    public required double Uniformity { get; init; }

    /// <summary>Singular values of the covariance, largest first, D of them. A cliff to nearly 0 is dimensional collapse.</summary>
    public required IReadOnlyList<double> SingularValues { get; init; }

    /// <summary>exp(−Σ p·ln p) with p the singular values' shares: how many dimensions are in use, 1 … D; 0 where all are equal.</summary>
    public required double EffectiveRank { get; init; }

    /// <summary>RankMe (Garrido et al. 2023): the same of the singular values of the embeddings themselves, their mean included, with 1e-7
    /// added to each share; 1 … the lesser of N and D.</summary>
    public required double RankMe { get; init; }

    /// <summary>LiDAR (<see cref="MeasureLidar"/>), of embeddings of any length; null where it was not measured.</summary>
    public double? Lidar { get; init; }

    /// <summary>Mean of each dimension, D.</summary>
    public required IReadOnlyList<double> Mean { get; init; }

    /// <summary>Standard deviation of each dimension (of a sample), D. 1/√D everywhere is even; 0 everywhere is collapse.</summary>
    public required IReadOnlyList<double> Deviation { get; init; }

    /// <summary>Cosine similarities of two views of the same image; null where there was one view.</summary>
    public required Histogram? PositiveSimilarities { get; init; }

    /// <summary>Cosine similarities of different images, each pair once.</summary>
    public required Histogram NegativeSimilarities { get; init; }
}
