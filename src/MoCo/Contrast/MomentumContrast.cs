using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Contrast;

/// <summary>Momentum Contrast: Algorithm 1 of He et al., "Momentum Contrast for Unsupervised Visual Representation Learning" (CVPR 2020),
/// in the order of the official code: the key encoder follows first, then keys, logits, loss; the keys enter the queue after the
/// step.</summary>
public sealed class MomentumContrast : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly Encoder encoder_k;
    private readonly KeyQueue queue;
    private readonly FlatParameters flatKey;
    private readonly MomentumUpdate momentumUpdate;
    private readonly BatchShuffle? shuffle;
    private readonly InfoNce infoNce;
    private readonly SymmetricLoss symmetric;
    private readonly Tensor[] flatBuffers;
    private Pending? pending;

    /// <summary>Joins two encoders and a queue; the method owns them.</summary>
    /// <param name="query">f_q, on the device to train on.</param>
    /// <param name="key">f_k, of the same architecture; it starts as an exact copy of f_q and never needs a gradient.</param>
    /// <param name="queue">The dictionary, as wide as the embeddings, on the same device.</param>
    /// <param name="momentum">m of the momentum update, 0–1.</param>
    /// <param name="loss">τ and symmetry; null takes the defaults.</param>
    /// <param name="shuffle">The shuffling-BN helper, or null to leave the key batch in order.</param>
    /// <exception cref="ArgumentException">The encoders differ.</exception>
    public MomentumContrast(Encoder query, Encoder key, KeyQueue queue, double momentum = 0.999, LossOptions? loss = null,
        BatchShuffle? shuffle = null)
        : base(nameof(MomentumContrast))
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(queue);
        loss ??= new LossOptions();
        (encoder_q, encoder_k, this.queue, this.shuffle, symmetric) = (query, key, queue, shuffle, loss.Symmetric);

        FlatParameters flatQuery = Parameters;
        using (Tensor keys = queue.Keys())
        {
            if (keys.dtype != flatQuery.Values.dtype || keys.device_type != flatQuery.Values.device_type)
                throw new ArgumentException(
                    $"The queue is {keys.dtype} on {keys.device}; expected {flatQuery.Values.dtype} on {flatQuery.Values.device} as "
                    + "the encoders.", nameof(queue));
        }
        flatKey = new FlatParameters(key);
        momentumUpdate = new MomentumUpdate(flatQuery, flatKey, momentum);
        infoNce = new InfoNce(loss.Temperature, loss.BlockLogits);
        using (no_grad())
        {
            flatKey.Values.copy_(flatQuery.Values);
            foreach (FlatParameter entry in flatKey.Entries) entry.Parameter.requires_grad_(false);
            foreach (((string _, Tensor buffer) q, (string _, Tensor buffer) k) in query.named_buffers().Zip(key.named_buffers()))
                k.buffer.copy_(q.buffer);
        }
        flatBuffers = [.. FlatBuffers.Of(query), .. FlatBuffers.Of(key)];
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Encoder QueryEncoder => encoder_q;

    /// <summary>f_k: follows f_q, in train mode with BatchNorm statistics of its own, never by gradient.</summary>
    public Encoder KeyEncoder => encoder_k;

    /// <summary>The dictionary of negative keys.</summary>
    public KeyQueue Queue => queue;

    /// <inheritdoc/>
    public override double ChanceLoss => (symmetric == SymmetricLoss.Sum ? 2 : 1) * Math.Log(queue.Length + 1.0);

    /// <summary>f_k follows f_q, and both count their BatchNorm's statistics; the queue waits for the step's end.</summary>
    internal override IReadOnlyList<Tensor> ChangedByForward => [flatKey.Values, .. flatBuffers];

    /// <summary>One step of Algorithm 1 up to the loss. The lines of the paper stand beside ours; <c>loss.backward()</c> and the optimizer
    /// are the caller's, and the keys enter the queue after them, in <see cref="AfterBackward"/>, so that no query meets its own key among
    /// the negatives.</summary>
    /// <inheritdoc/>
    public override ContrastiveLoss Forward(Tensor query, Tensor key, long step, ReadOnlyMemory<int> indices = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        if (symmetric != SymmetricLoss.Off) return ForwardBothWays(query, key, step, indices.Span);

        using DisposeScope scope = NewDisposeScope();
        momentumUpdate.Update();                                     // f_k.params = m*f_k.params + (1-m)*f_q.params
        // Keys first: their pass is over before the queries' activations, which wait for backward, fill memory.
        Tensor k = EmbedKeys(key, step);                             // k = f_k.forward(x_k); k = k.detach()        k: N×C
        Tensor q = Embed(query);                                     // q = f_q.forward(x_q)                        q: N×C
        ContrastiveLoss loss = infoNce.Compute(q, k, queue.Keys());  // l_pos, l_neg, CrossEntropyLoss(logits/t, 0)
        Hold(k, indices.Span, step);                                 // enqueue(queue, k); dequeue(queue): AfterBackward
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The symmetric case (the authors' CIFAR-10 notebook): both views in both roles; both sets of keys enter the queue.</summary>
    private ContrastiveLoss ForwardBothWays(Tensor query, Tensor key, long step, ReadOnlySpan<int> indices)
    {
        using DisposeScope scope = NewDisposeScope();
        momentumUpdate.Update();
        Tensor k2 = EmbedKeys(key, 2 * step), k1 = EmbedKeys(query, 2 * step + 1);
        Tensor q1 = Embed(query), q2 = Embed(key);
        ContrastiveLoss first = infoNce.Compute(q1, k2, queue.Keys()), second = infoNce.Compute(q2, k1, queue.Keys());
        Hold(cat([k1, k2], 0), [.. indices, .. indices], step);
        return ContrastiveLoss.Combine(first, second, mean: symmetric == SymmetricLoss.Mean).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the batch's keys into the queue in the place of the oldest: the last line of Algorithm 1.</summary>
    /// <inheritdoc/>
    public override void AfterBackward()
    {
        if (pending is not { } keys) return;
        pending = null;
        using (keys.Keys) queue.Enqueue(keys.Keys, keys.Step, keys.Indices);
    }

    /// <inheritdoc/>
    public override void AfterLoading() => queue.Loaded();

    /// <inheritdoc/>
    public override void Verify() => queue.Verify();

    /// <summary>Frees the encoders, the queue and everything flat.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            pending?.Keys.Dispose();
            momentumUpdate.Dispose();
            flatKey.Dispose();
            foreach (Tensor buffers in flatBuffers) buffers.Dispose();
        }
        base.Dispose(disposing);
    }

    private Tensor Embed(Tensor x) => nn.functional.normalize(encoder_q.call(x), dim: 1);

    private Tensor EmbedKeys(Tensor x, long step)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        if (shuffle is null) return nn.functional.normalize(encoder_k.call(x), dim: 1).MoveToOuterDisposeScope();
        (Tensor shuffled, ReadOnlyMemory<long> order) = shuffle.Shuffle(x, step);
        Tensor k = nn.functional.normalize(encoder_k.call(shuffled), dim: 1);
        return shuffle.Unshuffle(k, order).MoveToOuterDisposeScope();
    }

    /// <summary>Keeps the batch's keys until the step is done: they must not be their own queries' negatives.</summary>
    private void Hold(Tensor keys, ReadOnlySpan<int> indices, long step)
    {
        pending?.Keys.Dispose();
        pending = new Pending(keys.alias().DetachFromDisposeScope(), indices.ToArray(), step);
    }

    private readonly record struct Pending(Tensor Keys, int[] Indices, long Step);
}
