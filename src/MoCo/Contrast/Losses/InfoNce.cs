using MoCo.Contrast.Negatives;
using MoCo.Tensors;

namespace MoCo.Contrast.Losses;

/// <summary>
/// The contrastive loss −log( exp(q·k₊/τ) / (exp(q·k₊/τ) + Σ exp(q·kᵢ/τ)) ), mean over the batch (He et al. 2019,
/// Equation 1), with gradient to q only.
/// <para>
/// The N×(1+K) logits never exist at once: blocks of queue keys pass by once, and each adds its exponentials to the
/// partition sum and its keys, so weighted, to the gradient (<see cref="SoftmaxSums"/>).
/// The work is two matrix products of N×dim×K and a few passes over a block in cache.
/// </para>
/// </summary>
/// <remarks>
/// What is computed, as Algorithm 1 spells it; <c>InfoNceTests.The_blocked_loss_equals_the_four_lines_of_Algorithm_1</c> holds both
/// forms, loss and gradient, against each other:
/// <code>
/// Tensor positive = (q * k).sum(1, keepdim: true);                  // N×1
/// Tensor negative = q.matmul(negatives.t());                        // N×K
/// Tensor logits = cat([positive, negative], 1) / temperature;       // N×(1+K)
/// Tensor loss = nn.functional.cross_entropy(logits, zeros(N));      // the positive is class 0
/// </code>
/// </remarks>
public sealed class InfoNce
{
    /// <summary>Logits that exist at a time on a CPU, where a batch is not larger.</summary>
    internal const long LogitsOnCpu = 1L << 19;

    private readonly double temperature;
    private readonly long? blockLogits;

    /// <summary>Makes the loss.</summary>
    /// <param name="temperature">τ, above 0; 0.07 in the paper, 0.2 in v2.</param>
    /// <param name="blockLogits">How many logits may exist at a time, at least 1024 (a batch larger than that gets one key at a time); null
    /// is 524,288 (2 MiB) on a CPU and 67,108,864 elsewhere. In float32 on a CPU with AVX-512 it is 4,096 for each thread.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public InfoNce(double temperature, long? blockLogits = null)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
            throw OutOfRange.Of(temperature, "expected a finite number above 0.");
        if (blockLogits is < 1024)
            throw new ArgumentOutOfRangeException(
                nameof(blockLogits), blockLogits, "expected 1024 or more, or null for the device's default.");
        (this.temperature, this.blockLogits) = (temperature, blockLogits);
    }

    /// <summary>The loss of a batch of queries against their positive keys and a dictionary of negatives.</summary>
    /// <param name="q">Queries, N×dim, unit vectors; gradient flows to them.</param>
    /// <param name="k">Positive keys, N×dim, row n for query n; taken without gradient.</param>
    /// <param name="negatives">Negative keys, K×dim; taken without gradient.</param>
    /// <returns>Loss and measures; the caller disposes them.</returns>
    /// <exception cref="ArgumentException">Shapes, types or devices do not fit.</exception>
    public ContrastiveLoss Compute(Tensor q, Tensor k, Tensor negatives) => Compute(q, k, negatives, null, null);

    /// <summary>The same with changed negatives.</summary>
    /// <param name="q">As above.</param>
    /// <param name="k">As above.</param>
    /// <param name="negatives">As above.</param>
    /// <param name="sameAs">Queries' and keys' numbers, int64 of N and K: where they are equal the key is no negative.</param>
    /// <param name="mixed">Further negatives of each query; the measures leave them out.</param>
    internal ContrastiveLoss Compute(
        Tensor q, Tensor k, Tensor negatives, (Tensor Queries, Tensor Keys)? sameAs, MixedNegatives? mixed)
    {
        ArgumentNullException.ThrowIfNull(q);
        ArgumentNullException.ThrowIfNull(k);
        ArgumentNullException.ThrowIfNull(negatives);
        if (q.dim() != 2 || q.shape[0] < 1) throw new ArgumentException($"q is {string.Join("×", q.shape)}; expected N×dim.", nameof(q));
        if (!k.shape.AsSpan().SequenceEqual(q.shape))
            throw new ArgumentException($"k is {string.Join("×", k.shape)}; expected {string.Join("×", q.shape)} as q.", nameof(k));
        if (negatives.dim() != 2 || negatives.shape[1] != q.shape[1] || negatives.shape[0] < 1)
            throw new ArgumentException($"negatives are {string.Join("×", negatives.shape)}; expected K×{q.shape[1]}.", nameof(negatives));

        foreach ((Tensor other, string name) in new[] { (k, nameof(k)), (negatives, nameof(negatives)) })
        {
            if (other.dtype != q.dtype || other.device_type != q.device_type)
                throw new ArgumentException($"{name} is {other.dtype} on {other.device}; expected {q.dtype} on {q.device} as q.", name);
        }
        using DisposeScope scope = NewDisposeScope();
        Result result;
        using (no_grad()) result = Accumulate(q.detach(), k.detach(), negatives.detach(), sameAs, mixed);

        Tensor loss = result.Loss;
        if (q.requires_grad)
        {
            // q·dq has the gradient dq. Taken away from itself it leaves the loss's value, and that gradient.
            Tensor carrier = (q * result.QueryGradient).sum();
            loss = loss.add(carrier - carrier.detach(), One);
        }
        return new ContrastiveLoss(loss, result.Accuracy, result.Positive, result.Negative, result.Spread).MoveToOuterDisposeScope();
    }

    /// <summary>One pass over the negatives: everything that loss, measures and gradient are made of.</summary>
    private Result Accumulate(Tensor q, Tensor k, Tensor negatives, (Tensor Queries, Tensor Keys)? sameAs, MixedNegatives? mixed)
    {
        float inverse = (float)(1 / temperature);
        using Scalar toLogits = inverse.ToScalar(), toGradient = ((double)inverse / q.shape[0]).ToScalar();
        Tensor positive = (q * k).sum(1, keepdim: true).mul_(toLogits); // l₊: N×1
        SoftmaxSums sums = new(positive, k);
        Tensor hardest = full_like(positive, NegativeInfinity);         // highest logit of a negative: N×1
        (Tensor sum, Tensor left) = NegativePass.Takes(q)
            ? NegativePass.Add(q.mul(toLogits), negatives, sameAs, sums, hardest)
            : AddInBlocks(q, negatives, sameAs, sums, hardest);
        if (mixed is not null)
        {
            Tensor logits = mixed.Similarities.mul(toLogits);           // N×E
            sums.Exponentiate(logits, logits.amax([1L], keepdim: true));
            sums.Weighted.add_(mixed.Sum(logits), One);
        }
        Tensor losses = sums.Partition.log().add_(sums.Highest, One).sub_(positive); // log Σ exp(l) − l₊
        // ∂loss/∂q = (Σ p·key − k₊) / (τ·N)
        Tensor gradient = sums.Weighted.div_(sums.Partition).sub_(k).mul_(toGradient);
        Tensor negative = sum.div_(toLogits).div_(left.clamp_min_(One)); // 0 of 0 where none is left
        Tensor hits = positive.gt(hardest).to(q.dtype);
        Tensor spread = EmbeddingFigures.Deviations(q).mean();
        return new Result(losses.mean(), gradient, hits.mean(), positive.mean().div_(toLogits), negative, spread);
    }

    /// <summary>What <see cref="NegativePass.Add"/> does, on any device and in any type, a block of logits at a time.</summary>
    private (Tensor Sum, Tensor Left) AddInBlocks(Tensor q, Tensor negatives, (Tensor Queries, Tensor Keys)? sameAs,
        SoftmaxSums sums, Tensor hardest)
    {
        float inverse = (float)(1 / temperature);
        long batch = q.shape[0], count = negatives.shape[0];
        long block = Math.Min(count, Math.Max(1, BlockLogits(q.device_type) / batch));
        Tensor buffer = empty(batch * block, dtype: q.dtype, device: q.device);
        Tensor keys = zeros(q.shape[1], dtype: q.dtype, device: q.device); // Σ key: dim
        Tensor leftOut = zeros(2, dtype: q.dtype, device: q.device);       // their number, and Σ of their logits
        for (long start = 0; start < count; start += block)
        {
            using DisposeScope scope = NewDisposeScope();
            long length = Math.Min(block, count - start);
            Tensor part = negatives.narrow(0, start, length);              // b×dim
            Tensor logits = buffer.narrow(0, 0, batch * length).view(batch, length);
            logits.addmm_(q, part.t(), beta: 0, alpha: inverse);           // N×b
            if (sameAs is { } numbers)
            {
                Tensor same = numbers.Queries.unsqueeze(1).eq(numbers.Keys.narrow(0, start, length)); // N×b
                Tensor ones = same.to(q.dtype);
                leftOut.add_(stack([ones.sum(), (ones * logits).sum()]), One);
                logits.masked_fill_(same, NegativeInfinity);
            }
            Tensor top = logits.amax([1L], keepdim: true);                 // N×1
            hardest.copy_(maximum(hardest, top));
            sums.Exponentiate(logits, top);
            sums.Weighted.addmm_(logits, part);
            keys.add_(part.sum([0L]), One);
        }
        using Scalar toLogits = inverse.ToScalar(), all = ((double)batch * count).ToScalar();
        return (q.matmul(keys).sum().mul_(toLogits).sub_(leftOut[1]), leftOut[0].neg().add_(all, One));
    }

    /// <summary>On a CPU a block's passes stay in cache; on a GPU fewer launches weigh more.</summary>
    private long BlockLogits(DeviceType device) => blockLogits ?? (device == DeviceType.CPU ? LogitsOnCpu : 1L << 26);

    private readonly record struct Result(
        Tensor Loss, Tensor QueryGradient, Tensor Accuracy, Tensor Positive, Tensor Negative, Tensor Spread);
}
