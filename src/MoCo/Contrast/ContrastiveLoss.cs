namespace MoCo.Contrast;

/// <summary>A batch's loss and what it is judged by, as tensors on the device of the batch, so that nothing waits for a GPU until somebody
/// reads them.</summary>
public sealed class ContrastiveLoss : IDisposable
{
    /// <summary>Gathers a loss and its measures; the object owns them.</summary>
    /// <param name="loss">Scalar to call <c>backward</c> on.</param>
    /// <param name="accuracy">Share of queries whose positive is nearer than all negatives, 0–1.</param>
    /// <param name="positiveSimilarity">Mean cosine similarity of queries and positives.</param>
    /// <param name="negativeSimilarity">Mean cosine similarity of queries and negatives.</param>
    /// <param name="spread">Mean standard deviation of the queries' dimensions times √dim.</param>
    public ContrastiveLoss(Tensor loss, Tensor accuracy, Tensor positiveSimilarity, Tensor negativeSimilarity, Tensor spread)
        => (Loss, Accuracy, PositiveSimilarity, NegativeSimilarity, Spread) =
            (loss, accuracy, positiveSimilarity, negativeSimilarity, spread);

    /// <summary>Scalar to call <c>backward</c> on.</summary>
    public Tensor Loss { get; }

    /// <summary>Contrast accuracy, 0–1: top-1 among the K+1 keys.</summary>
    public Tensor Accuracy { get; }

    /// <summary>Mean cosine similarity of queries and positives.</summary>
    public Tensor PositiveSimilarity { get; }

    /// <summary>Mean cosine similarity of queries and negatives.</summary>
    public Tensor NegativeSimilarity { get; }

    /// <summary>Mean standard deviation of the queries' dimensions times √dim: 1 where embeddings cover the sphere, 0 where they have
    /// collapsed.</summary>
    public Tensor Spread { get; }

    /// <summary>The sum or the mean of two losses, and the means of their measures.</summary>
    internal static ContrastiveLoss Combine(ContrastiveLoss first, ContrastiveLoss second, bool mean)
    {
        Tensor loss = first.Loss.add(second.Loss, One);
        return new ContrastiveLoss(mean ? loss.mul(OneHalf) : loss, Mean(first.Accuracy, second.Accuracy),
            Mean(first.PositiveSimilarity, second.PositiveSimilarity), Mean(first.NegativeSimilarity, second.NegativeSimilarity),
            Mean(first.Spread, second.Spread));

        static Tensor Mean(Tensor a, Tensor b) => a.add(b, One).mul_(OneHalf);
    }

    internal ContrastiveLoss MoveToOuterDisposeScope()
    {
        Loss.MoveToOuterDisposeScope();
        Accuracy.MoveToOuterDisposeScope();
        PositiveSimilarity.MoveToOuterDisposeScope();
        NegativeSimilarity.MoveToOuterDisposeScope();
        Spread.MoveToOuterDisposeScope();
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Loss.Dispose();
        Accuracy.Dispose();
        PositiveSimilarity.Dispose();
        NegativeSimilarity.Dispose();
        Spread.Dispose();
    }
}
