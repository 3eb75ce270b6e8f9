namespace MoCo.Contrast.Losses;

/// <summary>What a softmax over keys that pass by in blocks sums up. A running maximum, by whose rise all before is shrunk, keeps the
/// exponentials finite.</summary>
/// <param name="positive">l₊, the positives' logits, N×1: the first that are summed up.</param>
/// <param name="k">The positives, N×dim.</param>
internal sealed class SoftmaxSums(Tensor positive, Tensor k)
{
    /// <summary>m, the highest logit so far: N×1.</summary>
    public Tensor Highest { get; } = positive.clone();

    /// <summary>Σ exp(l − m): N×1.</summary>
    public Tensor Partition { get; } = ones_like(positive);

    /// <summary>Σ exp(l − m)·key: N×dim.</summary>
    public Tensor Weighted { get; } = k.clone().contiguous();

    /// <summary>Raises m and adds further exponentials; their keys are the caller's to add.</summary>
    /// <param name="logits">N×b; replaced by exp(l − m).</param>
    /// <param name="top">Each row's highest, N×1.</param>
    public void Exponentiate(Tensor logits, Tensor top)
    {
        Tensor raised = maximum(Highest, top), shrink = Highest.sub(raised).exp_();
        logits.sub_(raised).exp_();
        Partition.mul_(shrink).add_(logits.sum(1, keepdim: true), One);
        Weighted.mul_(shrink);
        Highest.copy_(raised);
    }
}
