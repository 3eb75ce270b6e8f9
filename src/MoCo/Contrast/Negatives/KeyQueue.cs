using MoCo.Tensors;

namespace MoCo.Contrast.Negatives;

/// <summary>The dictionary: a first-in, first-out queue of K unit-norm keys (He et al. 2019, §3.2). Buffers as in the official checkpoint:
/// <c>queue</c> (dim×K, one key a column) and <c>queue_ptr</c> (1, int64). It is written in place and wraps, so any batch up to K fits. In
/// memory the keys stand one after the other.</summary>
public sealed class KeyQueue : nn.Module
{
    private const double NormTolerance = 1e-3;
    private readonly Tensor queue;
    private readonly Tensor queue_ptr;
    private readonly QueueSlots? slots;
    private Tensor? worstNorm;

    /// <summary>Fills the queue with random unit vectors.</summary>
    /// <param name="dimension">Length of a key, at least 1.</param>
    /// <param name="length">K, the number of keys, at least 1.</param>
    /// <param name="generator">Source of the random keys; null seeds one with 0.</param>
    /// <param name="device">Where the queue lies; null is the CPU.</param>
    /// <param name="trackSlots">See <see cref="TracksSlots"/>.</param>
    /// <param name="dtype">Type of the keys.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public KeyQueue(int dimension, int length, Generator? generator = null, Device? device = null, bool trackSlots = false,
        ScalarType dtype = ScalarType.Float32)
        : base(TorchLibrary.LoadFor(nameof(KeyQueue)))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        (Dimension, Length) = (dimension, length);

        using DisposeScope scope = NewDisposeScope();
        using Generator? own = generator is null ? new Generator(0, CPU) : null;
        Tensor random = randn(length, dimension, dtype: dtype, generator: generator ?? own!);
        queue = nn.functional.normalize(random, dim: 1).to(device ?? CPU).t().DetachFromDisposeScope(); // K×dim in memory, seen as dim×K
        // On the CPU wherever the keys lie: reading it never waits for a device, and so nothing of it need be kept beside it.
        queue_ptr = zeros(1, dtype: ScalarType.Int64).DetachFromDisposeScope();
        slots = trackSlots ? new QueueSlots(length) : null;
        register_buffer(nameof(queue), queue);
        register_buffer(nameof(queue_ptr), queue_ptr);
        if (slots is not null) register_module(nameof(slots), slots);
        GC.KeepAlive(generator);
    }

    /// <summary>Length of a key.</summary>
    internal int Dimension { get; }

    /// <summary>K, the number of keys.</summary>
    public int Length { get; }

    /// <summary>The slot that the next key goes into, 0 to K − 1: what <c>queue_ptr</c> says, however it came by its value.</summary>
    /// <exception cref="InvalidDataException">A pointer outside the queue was loaded.</exception>
    internal int Position
    {
        get
        {
            using Tensor pointer = queue_ptr.cpu();
            long value = pointer.item<long>();
            return value >= 0 && value < Length ? (int)value
                : throw new InvalidDataException(Invariant($"queue_ptr is {value}; expected 0 to {Length - 1}."));
        }
    }

    /// <summary>Whether it keeps each slot's sample index, step and label; <c>QueueDiagnostics</c> reads them.</summary>
    public bool TracksSlots => slots is not null;

    internal QueueSlots? Slots => slots;

    /// <summary>A new view of the keys, K×dim, contiguous, without gradient; it changes with the queue and is the caller's to
    /// dispose.</summary>
    public Tensor Keys() => queue.t();

    /// <summary>Puts a batch of keys in the place of the oldest ones.</summary>
    /// <param name="batch">N×dim unit vectors, N from 1 to K, of the queue's type and device.</param>
    /// <param name="step">Training step, kept if <see cref="TracksSlots"/>.</param>
    /// <param name="indices">The keys' sample indices, kept if <see cref="TracksSlots"/>.</param>
    /// <param name="labels">The keys' labels, kept if <see cref="TracksSlots"/>.</param>
    /// <exception cref="ArgumentException">The batch has another shape, type or device, or a key is not of unit length or not a number. On
    /// the CPU this is checked here and nothing is written; elsewhere at the trainer's next look at its measures, to spare a
    /// synchronisation.</exception>
    public void Enqueue(Tensor batch, long step = -1, ReadOnlySpan<int> indices = default, ReadOnlySpan<int> labels = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.dim() != 2 || batch.shape[1] != Dimension || batch.shape[0] < 1 || batch.shape[0] > Length)
            throw new ArgumentException(
                $"keys are {string.Join("×", batch.shape)}; expected N×{Dimension} with N from 1 to {Length}, the queue's length.",
                nameof(batch));
        if (batch.dtype != queue.dtype)
            throw new ArgumentException($"keys are {batch.dtype}; expected {queue.dtype} as the queue.", nameof(batch));
        if (batch.device_type != queue.device_type)
            throw new ArgumentException($"keys lie on {batch.device}; expected {queue.device} as the queue.", nameof(batch));
        CheckNorms(batch);

        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        int position = Position, count = (int)batch.shape[0];
        slots?.Write(position, count, step, indices, labels);
        Ring.Write(Keys(), position, batch);
        using Scalar pointer = ((position + count) % Length).ToScalar();
        queue_ptr.fill_(pointer);
    }

    /// <summary>Checks the norms of all keys enqueued since the last call on a device other than the CPU.</summary>
    /// <exception cref="ArgumentException">A key was not of unit length or not a number.</exception>
    internal void Verify()
    {
        if (worstNorm is null) return;
        using Tensor worst = worstNorm;
        worstNorm = null;
        using Tensor host = worst.cpu();
        Refuse(host.item<float>());
    }

    /// <summary>Forgets what was enqueued before the buffers were loaded.</summary>
    /// <exception cref="InvalidDataException">The pointer is outside the queue.</exception>
    internal void Loaded()
    {
        _ = Position;
        worstNorm?.Dispose();
        worstNorm = null;
    }

    /// <inheritdoc/>
    public override (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
        Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
    {
        (IList<string> missing_keys, IList<string> unexpected_keyes) result = base.load_state_dict(source, strict, skip);
        Loaded();
        return result;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) worstNorm?.Dispose();
        base.Dispose(disposing);
    }

    private void CheckNorms(Tensor batch)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor keys = batch.to(ScalarType.Float32);
        Tensor norms = keys.mul(keys).sum(1).sqrt_();
        // max() carries a NaN through, and a NaN fails the comparison below
        Tensor worst = norms.sub_(One).abs_().max();
        if (batch.device_type == DeviceType.CPU)
        {
            Refuse(worst.item<float>());
            return;
        }
        Tensor combined = worstNorm is null ? worst : maximum(worst, worstNorm);
        worstNorm?.Dispose();
        worstNorm = combined.DetachFromDisposeScope();
    }

    private static void Refuse(float worst)
    {
        if (worst <= NormTolerance) return;
        throw new ArgumentException(float.IsFinite(worst)
            ? Invariant($"a key's length is off 1 by {worst:G3}; expected unit vectors (normalise the keys before enqueuing them).")
            : "a key is not a finite number; the key encoder has diverged.");
    }
}
