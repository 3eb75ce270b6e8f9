using MoCo.Tensors;

namespace MoCo.Contrast.Losses;

/// <summary>Losses whose negatives are the other samples of the batch: N×N logits, gradient to both sides.</summary>
internal static class InBatchContrast
{
    /// <summary>InfoNCE of queries against the keys of their batch: cross-entropy of q·kᵀ/τ, where the n-th key is the n-th query's
    /// positive.</summary>
    /// <param name="q">Queries, N×dim, unit vectors; or several N of them, the n-th of each with the same positive.</param>
    /// <param name="k">Keys, N×dim, unit vectors.</param>
    /// <param name="temperature">τ.</param>
    public static ContrastiveLoss OfKeys(Tensor q, Tensor k, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar inverse = (1 / temperature).ToScalar();
        Tensor similarities = q.matmul(k.t()), positives = TensorValues.Range(0, k.shape[0], 1, q.device); // N×N, N
        if (q.shape[0] > k.shape[0]) positives = positives.repeat(q.shape[0] / k.shape[0]);
        return Measure(similarities, similarities.mul(inverse), positives, q, 0);
    }

    /// <summary>NT-Xent (Chen et al. 2020, "A Simple Framework", Equation 1): each of the 2N embeddings against the other 2N − 1, of which
    /// the image's other view is the positive; mean over the 2N.</summary>
    /// <param name="a">Embeddings of the first views, N×dim, unit vectors.</param>
    /// <param name="b">Embeddings of the second views.</param>
    /// <param name="temperature">τ.</param>
    public static ContrastiveLoss NtXent(Tensor a, Tensor b, double temperature)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar inverse = (1 / temperature).ToScalar();
        long count = a.shape[0];
        Tensor all = cat([a, b], 0);                // 2N×dim
        Tensor similarities = all.matmul(all.t());  // 2N×2N
        Tensor own = eye(2 * count, dtype: ScalarType.Bool, device: a.device);
        Tensor logits = similarities.mul(inverse).masked_fill(own, NegativeInfinity);
        Tensor partners = TensorValues.Range(0, 2 * count, 1, a.device).roll(count, 0);
        return Measure(similarities, logits, partners, all, 1);
    }

    /// <param name="similarities">Rows of cosine similarities.</param>
    /// <param name="logits">The same over τ, −∞ where a column is no choice.</param>
    /// <param name="positives">The positive's column of each row.</param>
    /// <param name="embeddings">What the spread is taken of.</param>
    /// <param name="excluded">Columns of a row that are no choice; they are of similarity 1.</param>
    private static ContrastiveLoss Measure(Tensor similarities, Tensor logits, Tensor positives, Tensor embeddings, int excluded)
    {
        Tensor loss = nn.functional.cross_entropy(logits, positives);
        using IDisposable constant = no_grad();
        using Scalar one = ((double)excluded).ToScalar(), negatives = Math.Max(1.0, logits.shape[1] - 1.0 - excluded).ToScalar();
        Tensor positive = similarities.detach().gather(1, positives.unsqueeze(1));
        Tensor others = similarities.detach().sum(1).sub_(positive.squeeze(1)).sub_(one).div_(negatives);
        Tensor hits = logits.detach().argmax(1).eq(positives).to(logits.dtype);
        Tensor spread = EmbeddingFigures.Deviations(embeddings.detach()).mean();
        return new ContrastiveLoss(loss, hits.mean(), positive.mean(), others.mean(), spread).MoveToOuterDisposeScope();
    }
}
