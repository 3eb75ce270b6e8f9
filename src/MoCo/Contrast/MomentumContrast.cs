using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Optimization;

namespace MoCo.Contrast;

/// <summary>Momentum Contrast: Algorithm 1 of He et al., "Momentum Contrast for Unsupervised Visual Representation Learning" (CVPR 2020),
/// in the order of the official code: the key encoder follows first, then keys, logits, loss; the keys enter the queue after the
/// step.</summary>
public sealed partial class MomentumContrast : ContrastiveMethod
{
    private readonly Encoder encoder_q;
    private readonly Encoder? encoder_k;
    private readonly KeyQueue queue;
    private readonly FlatParameters? flatKey;
    private readonly MomentumUpdate? momentumUpdate;
    private readonly BatchShuffle? shuffle;
    private readonly InfoNce infoNce;
    private readonly KeyExclusion exclusion;
    private readonly HardNegativeMixing? mixing;
    private readonly SymmetricLoss symmetric;
    private readonly Tensor[] flatBuffers;
    private FalseNegativeCount? falseNegatives;
    private Pending? pending;
    private long mixedNegatives;

    /// <summary>Joins two encoders and a queue; the method owns them.</summary>
    /// <param name="query">f_q, on the device to train on.</param>
    /// <param name="key">f_k, of the same architecture; it starts as an exact copy of f_q and never needs a gradient. Stages that are the
    /// query encoder's own modules learn with it. Null: f_q makes the keys too, without gradient, as with m = 0.</param>
    /// <param name="queue">The dictionary, as wide as the embeddings, on the same device.</param>
    /// <param name="momentum">m of the momentum update, 0–1.</param>
    /// <param name="loss">τ, symmetry and mixing of negatives; null takes the defaults.</param>
    /// <param name="shuffle">The shuffling-BN helper, or null to leave the key batch in order.</param>
    /// <param name="exclusion">Which keys are no negatives; the queue must note what it takes to know them.</param>
    /// <param name="seed">Seed of the mixing.</param>
    /// <param name="finalMomentum">m at the end of a run, 0–1, which it approaches along half a cosine; null: it stays.</param>
    /// <exception cref="ArgumentException">The encoders differ, or the queue does not note its slots where it must.</exception>
    public MomentumContrast(Encoder query, Encoder? key, KeyQueue queue, double momentum = 0.999, LossOptions? loss = null,
        BatchShuffle? shuffle = null, KeyExclusion exclusion = KeyExclusion.None, long seed = 0, double? finalMomentum = null)
        : base(nameof(MomentumContrast))
    {
        ArgumentNullException.ThrowIfNull(query);
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
        if (exclusion != KeyExclusion.None && queue.Slots is null)
            throw new ArgumentException(
                "The queue does not note whose key each slot holds; expected one made with trackSlots: true.", nameof(queue));
        if (key is not null)
        {
            bool isApart = !KeyStart.Copy(query, key);
            flatKey = isApart ? new FlatParameters(key) : null;
            double final = finalMomentum ?? momentum;
            momentumUpdate = isApart ? new MomentumUpdate(flatQuery, flatKey!, momentum) { Final = final }
                : new MomentumUpdate(query, key, momentum) { Final = final };
        }
        infoNce = new InfoNce(loss.Temperature, loss.BlockLogits);
        (this.exclusion, mixing) = (exclusion, loss.Mixing is { } options ? new HardNegativeMixing(options, seed) : null);
        flatBuffers = FlatBuffers.Of(key is null ? [query] : [query, key]);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Encoder QueryEncoder => encoder_q;

    /// <summary>f_k: follows f_q, in train mode with BatchNorm statistics of its own, never by gradient; f_q where there is but
    /// one.</summary>
    public override Encoder KeyEncoder => encoder_k ?? encoder_q;

    /// <summary>The dictionary of negative keys.</summary>
    public KeyQueue Queue => queue;

    /// <summary>Which keys are no negatives.</summary>
    internal KeyExclusion Exclusion => exclusion;

    /// <inheritdoc/>
    public override double ChanceLoss => (symmetric == SymmetricLoss.Sum ? 2 : 1) * Math.Log(queue.Length + 1.0 + mixedNegatives);

    /// <summary>Those that fill the queue.</summary>
    public override long SettlingImages => symmetric == SymmetricLoss.Off ? queue.Length : queue.Length / 2;

    internal override Encoder? OtherEncoder => encoder_k;

    /// <inheritdoc/>
    public override bool TrainsAcrossRanks => true;

    /// <inheritdoc/>
    public override bool TakesSmallViews => true;

    /// <summary>f_k follows f_q, and both count their BatchNorm's statistics; the queue waits for the step's end.</summary>
    internal override IReadOnlyList<Tensor> ChangedByForward =>
        flatKey is null ? base.ChangedByForward : flatBuffers;

    internal override MomentumUpdate? FlatUpdate => flatKey is null ? null : momentumUpdate;

    internal override (double InQueue, int Nearest, double InNearest)? TakeFalseNegatives()
    {
        using FalseNegativeCount? count = falseNegatives;
        falseNegatives = null;
        return count?.Read();
    }

    /// <summary>One step of Algorithm 1 up to the loss. The lines of the paper stand beside ours; <c>loss.backward()</c> and the optimizer
    /// are the caller's, and the keys enter the queue after them, in <see cref="AfterBackward"/>, so that no query meets its own key among
    /// the negatives. Small views are further queries: the loss is the mean over all queries of a key, the measures are the large
    /// query's.</summary>
    /// <inheritdoc/>
    public override ContrastiveLoss Forward(StepInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (symmetric != SymmetricLoss.Off) return ForwardBothWays(input);

        using DisposeScope scope = NewDisposeScope();
        momentumUpdate?.UpdateAt(input.Progress);                    // f_k.params = m*f_k.params + (1-m)*f_q.params
        // Keys first: their pass is over before the queries' activations, which wait for backward, fill memory.
        (Tensor k, Tensor all) = EmbedKeys(input.Key, input.Step, input.Group); // k = f_k.forward(x_k); k = k.detach() k: N×C
        Tensor q = Embed(input.Query);                               // q = f_q.forward(x_q)                        q: N×C
        input.Show(q, k);
        ContrastiveLoss loss = Contrast(q, EmbedSmall(input), k, input, input.Step); // l_pos, l_neg, CrossEntropyLoss(logits/t, 0)
        Hold(all, Numbers(input.Indices, input), Numbers(input.Labels, input), input.Step); // enqueue(queue, k); dequeue(queue)
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>The symmetric case (the authors' CIFAR-10 notebook): both views in both roles; both sets of keys enter the queue.</summary>
    private ContrastiveLoss ForwardBothWays(StepInput input)
    {
        using DisposeScope scope = NewDisposeScope();
        momentumUpdate?.UpdateAt(input.Progress);
        (long even, long odd) = (2 * input.Step, 2 * input.Step + 1);
        (Tensor k2, Tensor all2) = EmbedKeys(input.Key, even, input.Group);
        (Tensor k1, Tensor all1) = EmbedKeys(input.Query, odd, input.Group);
        Tensor q1 = Embed(input.Query), q2 = Embed(input.Key);
        Tensor? small = EmbedSmall(input);
        input.Show(q1, k2);
        ContrastiveLoss first = Contrast(q1, small, k2, input, even), second = Contrast(q2, small, k1, input, odd);
        int[] indices = Numbers(input.Indices, input), labels = Numbers(input.Labels, input);
        Hold(cat([all1, all2], 0), [.. indices, .. indices], [.. labels, .. labels], input.Step);
        return ContrastiveLoss.Combine(first, second, mean: symmetric == SymmetricLoss.Mean).MoveToOuterDisposeScope();
    }

    /// <summary>Puts the batch's keys into the queue in the place of the oldest: the last line of Algorithm 1.</summary>
    /// <inheritdoc/>
    public override void AfterBackward()
    {
        if (pending is not { } keys) return;
        pending = null;
        using (keys.Keys) queue.Enqueue(keys.Keys, keys.Step, keys.Indices, keys.Labels);
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
            falseNegatives?.Dispose();
            momentumUpdate?.Dispose();
            flatKey?.Dispose();
            foreach (Tensor buffers in flatBuffers) buffers.Dispose();
        }
        base.Dispose(disposing);
    }

    /// <summary>InfoNCE against the queue, without the keys that are no negatives, and with mixed ones where there is mixing.</summary>
    private ContrastiveLoss Contrast(Tensor q, Tensor? small, Tensor k, StepInput input, long draw)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor keys = queue.Keys();
        CountFalseNegatives(q, input);
        (Tensor Queries, Tensor Keys)? sameAs = queue.Slots?.Numbers(exclusion, input, q.device);
        ContrastiveLoss loss = Against(q, k, sameAs, draw);
        if (small is not null)
        {
            int views = input.SmallViews.Count;
            (Tensor, Tensor)? same = sameAs is { } numbers ? (numbers.Queries.repeat(views), numbers.Keys) : null;
            loss = MultiCrop.Mean(loss, Against(small, k.repeat(views, 1), same, ~draw), views);
        }
        return loss.MoveToOuterDisposeScope();

        ContrastiveLoss Against(Tensor q, Tensor k, (Tensor Queries, Tensor Keys)? same, long draw)
        {
            MixedNegatives? mixed = mixing?.IsOn(input.Epoch) == true ? mixing.Mix(q, keys, same, draw, input.Group) : null;
            mixedNegatives = mixed?.Similarities.shape[1] ?? 0;
            return infoNce.Compute(q, k, keys, same, mixed);
        }
    }

    private void CountFalseNegatives(Tensor q, StepInput input)
    {
        if (!input.IsMeasured || queue.Slots is not { } slots) return;
        using Tensor keys = queue.Keys();
        falseNegatives?.Dispose();
        falseNegatives = FalseNegativeCount.Of(q, input.Labels.Span, keys, slots);
    }

    private Tensor Embed(Tensor x) => nn.functional.normalize(encoder_q.call(x), dim: 1);

    private Tensor? EmbedSmall(StepInput input) => MultiCrop.Embed(input, flatBuffers, Embed);

    /// <returns>The keys of this rank's samples, and those of the whole batch, which all ranks enqueue.</returns>
    private (Tensor Own, Tensor All) EmbedKeys(Tensor x, long step, ProcessGroup group, int parts = 1)
    {
        using IDisposable _ = no_grad();
        using DisposeScope scope = NewDisposeScope();
        (Tensor batch, ReadOnlyMemory<long> order) = shuffle is null ? (x, default) : shuffle.Shuffle(x, step, group);
        Tensor k = nn.functional.normalize(parts == 1 ? KeyEncoder.call(batch) : EmbedInParts(KeyEncoder, batch, parts), dim: 1);
        if (shuffle is null && group.Size == 1) return (k.MoveToOuterDisposeScope(), k);
        Tensor all = shuffle is null ? group.AllGather(k) : BatchShuffle.UnshuffleAll(k, order, group);
        Tensor own = shuffle is null ? k : group.OwnRows(all).contiguous();
        return (own.MoveToOuterDisposeScope(), all.MoveToOuterDisposeScope());
    }

    /// <summary>What the queue notes beside the keys of the whole batch; nothing where it notes nothing.</summary>
    private int[] Numbers(ReadOnlyMemory<int> own, StepInput input)
        => queue.TracksSlots ? input.Group.AllGather(own.Span) : [];

    /// <summary>Keeps the batch's keys until the step is done: they must not be their own queries' negatives.</summary>
    private void Hold(Tensor keys, int[] indices, int[] labels, long step)
    {
        pending?.Keys.Dispose();
        pending = new Pending(keys.alias().DetachFromDisposeScope(), indices, labels, step);
    }

    private readonly record struct Pending(Tensor Keys, int[] Indices, int[] Labels, long Step);
}
