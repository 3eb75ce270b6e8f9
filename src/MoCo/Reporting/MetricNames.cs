namespace MoCo.Reporting;

/// <summary>Names of the metrics that a <see cref="RunReport"/> knows. Any other name may be written too.</summary>
public static class MetricNames
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

    /// <summary>kNN accuracy on images with labels, 0–1.</summary>
    public const string Knn = "knn";

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
}
