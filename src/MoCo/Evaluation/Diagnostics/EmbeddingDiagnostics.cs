using MoCo.Tensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Evaluation.Diagnostics;

/// <summary>Figures that tell healthy embeddings from collapsed ones without any labels: alignment and uniformity (Wang and
/// Isola, 2020), the spectrum of the covariance (Jing et al., 2021), similarities of positives and negatives. Nothing is changed
/// and nothing is drawn at random.</summary>
public static class EmbeddingDiagnostics
{
    /// <summary>Embeddings whose pairs are compared at a time: 16 MB of similarities.</summary>
    private const int BlockRows = 2048;

    /// <summary>Bins of the similarities' histograms, from −1 to 1.</summary>
    private const int Bins = 100;

    /// <summary>Measures embeddings. All pairs are compared, so the time grows with N²: some thousand images suffice.</summary>
    /// <param name="embeddings">N×D of any floating type and device, N and D at least 2; their length does not matter.</param>
    /// <param name="otherViews">N×D, of another view of each image; null: none.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">Other shapes, embeddings that are not finite or zero.</exception>
    public static EmbeddingReport Measure(Tensor embeddings, Tensor? otherViews = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var x = Unit(embeddings, nameof(embeddings), fewest: 2); // N×D
        Histogram? positives = null;
        double? alignment = null;
        if (otherViews is not null)
        {
            var y = Unit(otherViews, nameof(otherViews), fewest: 2);
            if (!x.shape.AsSpan().SequenceEqual(y.shape))
                throw new ArgumentException($"Expected {string.Join('×', x.shape)} as the embeddings, found {string.Join('×', y.shape)}.", nameof(otherViews));
            positives = Similarities(x.mul(y).sum(1));
            var difference = x.sub(y);
            alignment = difference.mul_(difference).sum(1).to(ScalarType.Float64).mean().item<double>();
        }

        var (uniformity, negatives) = Pairs(x, cancellationToken);
        var wide = x.to(ScalarType.Float64);
        var mean = wide.mean([0]);
        var centred = wide.sub(mean);
        using var rows = x.shape[0].ToScalar();
        var covariance = centred.t().matmul(centred).div_(rows); // D×D
        // The covariance is symmetric and not negative: its eigenvalues are its singular values.
        double[] spectrum = [.. linalg.eigvalsh(covariance).data<double>().ToArray().Select(value => Math.Max(0, value)).OrderDescending()];
        return new EmbeddingReport
        {
            Count = (int)x.shape[0],
            Alignment = alignment,
            Uniformity = uniformity,
            SingularValues = spectrum,
            EffectiveRank = EffectiveRank(spectrum),
            Mean = mean.data<double>().ToArray(),
            Deviation = wide.std(dim: 0).data<double>().ToArray(),
            PositiveSimilarities = positives,
            NegativeSimilarities = negatives,
        };
    }

    /// <summary>The cosine similarities of queries to all keys of a queue: what the negatives of training are like.</summary>
    /// <param name="queries">N×D of any floating type and device.</param>
    /// <param name="keys">K×D, usually <see cref="Contrast.KeyQueue.Keys"/>.</param>
    /// <param name="cancellationToken">Ends the measurement between two blocks.</param>
    /// <exception cref="ArgumentException">Other shapes, vectors that are not finite or zero.</exception>
    public static Histogram NegativeSimilarities(Tensor queries, Tensor keys, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var (q, k) = (Unit(queries, nameof(queries), 1), Unit(keys, nameof(keys), 1));
        if (q.shape[1] != k.shape[1])
            throw new ArgumentException($"Expected keys of {q.shape[1]} numbers as the queries, found {k.shape[1]}.", nameof(keys));
        var histogram = new HistogramBuilder(-1, 1, Bins);
        for (long first = 0; first < k.shape[0]; first += BlockRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            histogram.Add(q.matmul(k.narrow(0, first, Math.Min(BlockRows, k.shape[0] - first)).t()).AsFloats());
        }

        return histogram.Result();
    }

    /// <summary>exp(−Σ p·ln p) with p the values' shares of their sum: how many of them matter.</summary>
    /// <param name="values">Not negative.</param>
    /// <returns>1 … the number of values; 0 where all are 0.</returns>
    public static double EffectiveRank(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double sum = values.Sum();
        return sum > 0 ? Math.Exp(-values.Where(value => value > 0).Sum(value => value / sum * Math.Log(value / sum))) : 0;
    }

    /// <summary>Rows of unit length on the CPU, in the scope.</summary>
    private static Tensor Unit(Tensor vectors, string name, int fewest)
    {
        using Tensor unit = UnitRows.Of(vectors, name, fewest, allowZero: false);
        return unit.cpu();
    }

    private static (double Uniformity, Histogram Similarities) Pairs(Tensor x, CancellationToken cancellationToken)
    {
        int count = (int)x.shape[0];
        var histogram = new HistogramBuilder(-1, 1, Bins);
        double potential = 0.0;
        for (int first = 0; first < count; first += BlockRows)
        {
            for (int second = first; second < count; second += BlockRows)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var inner = NewDisposeScope();
                var (rows, columns) = (Math.Min(BlockRows, count - first), Math.Min(BlockRows, count - second));
                var similarities = x.narrow(0, first, rows).matmul(x.narrow(0, second, columns).t());
                var values = similarities.AsFloats();
                for (int row = 0; row < rows; row++)
                {
                    // Each pair once: the columns after the row's own.
                    var line = values.Slice(row * columns, columns)[Math.Clamp(first + row + 1 - second, 0, columns)..];
                    histogram.Add(line);
                    foreach (float similarity in line)
                        potential += Math.Exp(-2 * (2 - (2 * (double)similarity))); // ‖x − y‖² = 2 − 2·x·y
                }
            }
        }

        return (Math.Log(potential / (count * (count - 1.0) / 2)), histogram.Result());
    }

    private static Histogram Similarities(Tensor values)
    {
        var histogram = new HistogramBuilder(-1, 1, Bins);
        histogram.Add(values.AsFloats());
        return histogram.Result();
    }
}
