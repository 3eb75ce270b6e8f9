namespace MoCo.Contrast.Losses;

/// <summary>A batch's loss and what it is judged by, as tensors on the device of the batch, so that nothing waits for a GPU until somebody
/// reads them.</summary>
/// <param name="loss">Scalar to call <c>backward</c> on; the object owns all five.</param>
/// <param name="accuracy">Share of queries whose positive is nearer than all negatives, 0–1.</param>
/// <param name="positiveSimilarity">Mean cosine similarity of queries and positives.</param>
/// <param name="negativeSimilarity">Mean cosine similarity of queries and negatives.</param>
/// <param name="spread">Mean standard deviation of the queries' dimensions times √dim.</param>
public sealed class ContrastiveLoss(
    Tensor loss, Tensor accuracy, Tensor positiveSimilarity, Tensor negativeSimilarity, Tensor spread) : IDisposable
{
    /// <summary>Scalar to call <c>backward</c> on.</summary>
    public Tensor Loss { get; } = loss;

    /// <summary>Contrast accuracy, 0–1: top-1 among the K+1 keys.</summary>
    public Tensor Accuracy { get; } = accuracy;

    /// <summary>Mean cosine similarity of queries and positives.</summary>
    public Tensor PositiveSimilarity { get; } = positiveSimilarity;

    /// <summary>Mean cosine similarity of queries and negatives.</summary>
    public Tensor NegativeSimilarity { get; } = negativeSimilarity;

    /// <summary>Mean standard deviation of the queries' dimensions times √dim: 1 where embeddings cover the sphere, 0 where they have
    /// collapsed.</summary>
    public Tensor Spread { get; } = spread;

    internal Tensor[] All => [Loss, Accuracy, PositiveSimilarity, NegativeSimilarity, Spread];

    /// <summary>The sum or the mean of two losses, and the means of their measures.</summary>
    internal static ContrastiveLoss Combine(ContrastiveLoss first, ContrastiveLoss second, bool mean)
    {
        Tensor sum = first.Loss.add(second.Loss, One);
        Tensor[] means = [.. first.All.Zip(second.All, (a, b) => a.add(b, One).mul(OneHalf))];
        return new ContrastiveLoss(mean ? means[0] : sum, means[1], means[2], means[3], means[4]);
    }

    internal ContrastiveLoss MoveToOuterDisposeScope()
    {
        foreach (Tensor tensor in All) tensor.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose() => Array.ForEach(All, tensor => tensor.Dispose());
}
