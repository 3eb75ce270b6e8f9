using MoCo.Tensors;

namespace MoCo.Training;

/// <summary>How the embeddings of a run's latest steps lie. In complete collapse all are alike, in dimensional collapse a few directions
/// carry everything (Jing et al. 2022).</summary>
/// <param name="Count">Embeddings that were measured (N): those of the latest steps, at most 512.</param>
/// <param name="Deviation">Mean standard deviation of the queries' dimensions times √D: 1 on the whole sphere, 0 collapsed.</param>
/// <param name="LeastDeviation">The least of them: 0 where a dimension is dead.</param>
/// <param name="Rank">Dimensions that the queries use: their effective rank, exp(−Σ p·ln p) with p the shares of their singular values plus
/// 1e-7 (Garrido et al. 2023, "RankMe"), 1 and more, and the most that there can be, the lesser of N and D.</param>
/// <param name="FeatureRank">The same of the backbone's features; null where it makes no N×F of them.</param>
/// <param name="Alignment">Mean squared distance of queries and their positives, 0 (the same) … 4 (Wang and Isola 2020).</param>
/// <param name="Uniformity">Logarithm of the mean of exp(−2‖x − y‖²) over pairs of queries, 0 (all alike) and less; random directions come
/// near −4 in many dimensions (Wang and Isola 2020).</param>
public sealed record MeasuredEmbeddings(
    int Count, double Deviation, double LeastDeviation, (double Value, int Most) Rank, (double Value, int Most)? FeatureRank,
    double Alignment, double Uniformity)
{
    /// <summary>Measures embeddings where they lie, and waits for the device.</summary>
    /// <param name="queries">N×D, unit vectors.</param>
    /// <param name="keys">N×D, their positives.</param>
    /// <param name="features">M×F of the same steps, or null.</param>
    /// <returns>Null where there are fewer than two, or one is not finite.</returns>
    internal static MeasuredEmbeddings? Of(Tensor queries, Tensor keys, Tensor? features)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        if (queries.shape[0] < 2) return null;
        (Tensor q, Tensor k, Tensor? f) = (Wide(queries), Wide(keys), features is null ? null : Wide(features));
        Tensor sum = q.sum().add(k.sum(), One);
        if (!double.IsFinite((f is null ? sum : sum.add(f.sum(), One)).cpu().item<double>())) return null;
        Tensor deviations = EmbeddingFigures.Deviations(q);
        double[] figures = stack([deviations.mean(), deviations.min(), EmbeddingFigures.Alignment(q, k)]).cpu().data<double>().ToArray();
        double uniformity = EmbeddingFigures.Uniformity(EmbeddingFigures.Potential(q.matmul(q.t())), q.shape[0]);
        return new MeasuredEmbeddings(
            (int)q.shape[0], figures[0], figures[1], RankOf(q), f is null ? null : RankOf(f), figures[2], uniformity);
    }

    /// <summary>In float64, which Apple's GPUs do not have.</summary>
    private static Tensor Wide(Tensor rows) =>
        (rows.device_type == DeviceType.MPS ? rows.detach().cpu() : rows.detach()).to(ScalarType.Float64);

    private static (double Value, int Most) RankOf(Tensor wide)
    {
        double[] singular = EmbeddingFigures.SingularValues(wide);
        return (EmbeddingFigures.EffectiveRank(singular, EmbeddingFigures.RankMeEpsilon), singular.Length);
    }
}
