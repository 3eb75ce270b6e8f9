using MoCo.Reporting.Metrics;

namespace MoCo.Reporting;

/// <summary>What was measured at a step. The constants are the names that a <see cref="RunReport"/> knows; any other may be written
/// too.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Values">Values by name; not a number where the value was not finite.</param>
public sealed record MetricsRow(long Step, IReadOnlyDictionary<string, double> Values)
{
    /// <summary>The epoch, from 0; may have a fraction.</summary>
    public const string Epoch = "epoch";

    /// <summary>InfoNCE loss, nats.</summary>
    public const string Loss = "loss";

    /// <summary>Mean InfoNCE loss of an epoch, nats.</summary>
    public const string EpochLoss = "epoch_loss";

    /// <summary>Seconds that an epoch took.</summary>
    public const string EpochSeconds = "epoch_seconds";

    /// <summary>Share of queries whose own key is the most similar of all, 0–1.</summary>
    public const string ContrastAccuracy = "contrast_accuracy";

    /// <summary>Learning rate.</summary>
    public const string LearningRate = "learning_rate";

    /// <summary>L2 norm over all gradients, before they are clipped.</summary>
    public const string GradientNorm = "gradient_norm";

    /// <summary>Steps of the run that were left out since their loss or gradients were not finite.</summary>
    public const string SkippedSteps = "skipped_steps";

    /// <summary>kNN accuracy on images with labels, 0–1.</summary>
    public const string Knn = "knn";

    /// <summary>Accuracy of the online probe on images with labels that are not learned from, 0–1.</summary>
    public const string Probe = "probe";

    /// <summary>Accuracy of the online probe on batches before it learns from them, 0–1.</summary>
    public const string ProbeBatches = "probe_batches";

    /// <summary>Images a second.</summary>
    public const string ImagesPerSecond = "images_per_second";

    /// <summary>Share of the time that training waited for data, 0–1.</summary>
    public const string WaitShare = "wait_share";

    /// <summary>Mean cosine similarity of queries with their own keys.</summary>
    public const string PositiveSimilarity = "positive_similarity";

    /// <summary>Mean cosine similarity of queries with the queue's keys.</summary>
    public const string NegativeSimilarity = "negative_similarity";

    /// <summary>Spread of the embeddings, 0 (all equal) … 1 (as even as random directions).</summary>
    public const string Spread = "spread";

    /// <summary>Share of the queue's keys that are of their query's class, 0–1.</summary>
    public const string FalseNegatives = "false_negatives";

    /// <summary>The same of the keys most similar to the query.</summary>
    public const string NearFalseNegatives = "false_negatives_nearest";

    /// <summary>Mean standard deviation of the embeddings' dimensions times √D, 0 (all equal) … 1 (as even as random directions).</summary>
    public const string Deviation = "deviation";

    /// <summary>The least of them.</summary>
    public const string LeastDeviation = "least_deviation";

    /// <summary>Effective rank of the embeddings (RankMe), 1 and more.</summary>
    public const string Rank = "effective_rank";

    /// <summary>The same as a share of the most that there can be, 0–1.</summary>
    public const string RankShare = "effective_rank_share";

    /// <summary>Effective rank of the backbone's features.</summary>
    public const string FeatureRank = "feature_rank";

    /// <summary>The same as a share of the most that there can be, 0–1.</summary>
    public const string FeatureRankShare = "feature_rank_share";

    /// <summary>Mean squared distance of embeddings and their positives, 0–4.</summary>
    public const string Alignment = "alignment";

    /// <summary>Logarithm of the mean of exp(−2‖x − y‖²) over pairs of embeddings, at most 0.</summary>
    public const string Uniformity = "uniformity";

    /// <summary>Reads the JSON Lines that a <see cref="MetricsWriter"/> wrote. A last line that a crash cut off is left out.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The rows, in order.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">A line is no row; the message has its number.</exception>
    public static IReadOnlyList<MetricsRow> ReadFile(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        // A running writer has the file open.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] bytes = new byte[stream.Length];
        int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return [.. MetricsLines.Read(bytes.AsSpan(0, length), path).Select(line => line.Row)];
    }
}
