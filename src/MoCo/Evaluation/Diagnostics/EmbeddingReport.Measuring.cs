using MoCo.Evaluation.Neighbours;
using MoCo.Tensors;

namespace MoCo.Evaluation.Diagnostics;

/// <content>Measuring. Nothing is changed and nothing is drawn at random.</content>
public sealed partial record EmbeddingReport
{
    /// <summary>Measures embeddings. All pairs are compared, so the time grows with N²: some thousand images suffice.</summary>
    /// <param name="embeddings">N×D of any floating type and device, N and D at least 2; their length does not matter.</param>
    /// <param name="otherViews">N×D, of another view of each image; null: none.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">Other shapes, embeddings that are not finite or zero.</exception>
    public static EmbeddingReport Measure(Tensor embeddings, Tensor? otherViews = null, CancellationToken cancellationToken = default)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor x = UnitRows.OnCpu(embeddings, nameof(embeddings), fewest: 2); // N×D
        Histogram? positives = null;
        double? alignment = null;
        if (otherViews is not null)
        {
            Tensor y = UnitRows.OnCpu(otherViews, nameof(otherViews), fewest: 2);
            (string own, string other) = (string.Join('×', x.shape), string.Join('×', y.shape));
            if (own != other) throw new ArgumentException($"Expected {own} as the embeddings, found {other}.", nameof(otherViews));
            positives = Similarities(x.mul(y).sum(1));
            alignment = EmbeddingFigures.Alignment(x, y).item<double>();
        }
        (double uniformity, Histogram negatives) = Pairs(x, cancellationToken);
        Tensor wide = x.to(ScalarType.Float64), mean = wide.mean([0]), centred = wide.sub(mean);
        using Scalar rows = x.shape[0].ToScalar();
        Tensor covariance = centred.t().matmul(centred).div_(rows); // D×D
        // The covariance is symmetric and not negative: its eigenvalues are its singular values.
        double[] spectrum = [.. linalg.eigvalsh(covariance).data<double>().ToArray().Select(value => Math.Max(0, value)).OrderDescending()];
        return new EmbeddingReport
        {
            Count = (int)x.shape[0],
            Alignment = alignment,
            Uniformity = uniformity,
            SingularValues = spectrum,
            EffectiveRank = EmbeddingFigures.EffectiveRank(spectrum),
            RankMe = EmbeddingFigures.EffectiveRank(
                EmbeddingFigures.SingularValues(wide), EmbeddingFigures.RankMeEpsilon),
            Mean = mean.data<double>().ToArray(),
            Deviation = wide.std(dim: 0).data<double>().ToArray(),
            PositiveSimilarities = positives,
            NegativeSimilarities = negatives,
        };
    }

    /// <summary>LiDAR, the Linear Discriminant Analysis Rank (Thilak et al. 2023): of the directions in which images differ, how many
    /// matter beside what augmentation changes. exp(−Σ p·ln p) with p the shares of the eigenvalues of Σw^(−½)·Σb·Σw^(−½), plus 1e-7: Σb
    /// is the covariance of the images' means, Σw the mean covariance of an image's views about its own mean, plus δ·I. The paper takes
    /// many views of 1,000 images and more, and the embedding that the loss is taken over.</summary>
    /// <param name="views">The embeddings of q augmented views of each image, each N×D of any floating type and device, q and N at least 2;
    /// their length matters, as in the paper.</param>
    /// <param name="delta">δ, above 0: directions in which views differ by less than its root count as if they differed by that.</param>
    /// <param name="cancellationToken">Ends the measurement between two views.</param>
    /// <returns>1 … D; 0 where all images are alike.</returns>
    /// <exception cref="ArgumentException">Fewer than two views, other shapes, or embeddings that are not finite.</exception>
    /// <exception cref="ArgumentOutOfRangeException">δ out of range.</exception>
    public static double MeasureLidar(IReadOnlyList<Tensor> views, double delta = 1e-4, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(views);
        if (!(delta > 0 && double.IsFinite(delta))) throw OutOfRange.Of(delta, "Expected above 0.");
        if (views.Count < 2) throw new ArgumentException($"Expected two views of each image or more, found {views.Count}.", nameof(views));
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor sum = Wide(0).clone(); // N×D
        for (int view = 1; view < views.Count; view++) sum.add_(Wide(view), One);
        using Scalar q = views.Count.ToScalar(), n = sum.shape[0].ToScalar(), all = (sum.shape[0] * views.Count).ToScalar();
        using Scalar width = delta.ToScalar();
        Tensor means = sum.div_(q), centred = means.sub(means.mean([0]));
        Tensor between = centred.t().matmul(centred).div_(n), within = zeros_like(between); // Σb, Σw: D×D
        for (int view = 0; view < views.Count; view++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope inner = NewDisposeScope();
            Tensor difference = Wide(view).sub(means);
            within.add_(difference.t().matmul(difference), One);
        }
        (Tensor values, Tensor vectors) = linalg.eigh(within.div_(all)); // Σw = V·diag(λ)·Vᵀ
        Tensor whitening = vectors.mul(values.relu().add(width, One).rsqrt()); // V·diag(λ + δ)^(−½)
        // Turned by V, which leaves the eigenvalues as they are.
        Tensor spectrum = linalg.eigvalsh(whitening.t().matmul(between).matmul(whitening));
        return EmbeddingFigures.EffectiveRank(spectrum.relu().data<double>().ToArray(), EmbeddingFigures.RankMeEpsilon);

        Tensor Wide(int view)
        {
            Tensor given = views[view];
            (string shape, string expected) = (string.Join('×', given.shape), string.Join('×', views[0].shape));
            if (shape != expected || given.dim() != 2 || given.shape[0] < 2 || !given.is_floating_point())
            {
                string wanted = view > 0 ? expected : "N×D, N at least 2";
                throw new ArgumentException(
                    $"Expected view {view} of shape {wanted}, floating, found {shape} {given.dtype}.", nameof(views));
            }
            Tensor wide = given.detach().cpu().to(ScalarType.Float64);
            return wide.isfinite().all().item<bool>() ? wide : throw new ArgumentException($"View {view} is not finite.", nameof(views));
        }
    }

    private static (double Uniformity, Histogram Similarities) Pairs(Tensor x, CancellationToken cancellationToken)
    {
        HistogramBuilder histogram = HistogramBuilder.OfSimilarities();
        double potential = 0.0;
        NeighbourSearch.ForEachBlock(x, x, Add, cancellationToken, upper: true);
        return (EmbeddingFigures.Uniformity(potential, x.shape[0]), histogram.Result());

        void Add(Tensor similarities, int first, int second)
        {
            potential += EmbeddingFigures.Potential(similarities, first, second);
            Span<float> values = similarities.AsFloats();
            int columns = (int)similarities.shape[1];
            // Each pair once: the columns after the row's own.
            for (int row = 0; row < similarities.shape[0]; row++)
                histogram.Add(values.Slice(row * columns, columns)[Math.Clamp(first + row + 1 - second, 0, columns)..]);
        }
    }

    private static Histogram Similarities(Tensor values)
    {
        HistogramBuilder histogram = HistogramBuilder.OfSimilarities();
        histogram.Add(values.AsFloats());
        return histogram.Result();
    }
}
