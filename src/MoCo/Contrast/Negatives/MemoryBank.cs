using MoCo.Tensors;

namespace MoCo.Contrast.Negatives;

/// <summary>One unit vector for every training sample (Wu et al. 2018, "Unsupervised Feature Learning via Non-Parametric Instance
/// Discrimination"): buffer <c>bank</c>, samples×dim. A sample's row follows its embeddings, once an epoch.</summary>
internal sealed class MemoryBank : nn.Module
{
    private readonly Tensor bank;
    private readonly long seed;

    /// <summary>Fills the bank with random unit vectors.</summary>
    /// <param name="samples">Training samples, at least 2.</param>
    /// <param name="dimension">Length of an embedding, at least 1.</param>
    /// <param name="seed">Seed of the first rows and of what <see cref="Draw"/> draws.</param>
    /// <param name="device">Where the bank lies; null is the CPU.</param>
    /// <param name="dtype">Type of the rows.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below its bound.</exception>
    public MemoryBank(int samples, int dimension, long seed = 0, Device? device = null, ScalarType dtype = ScalarType.Float32)
        : base(TorchLibrary.LoadFor(nameof(MemoryBank)))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        (Samples, Dimension, this.seed) = (samples, dimension, seed);
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(SeedMix.Of(seed, -1), CPU);
        Tensor random = rand(samples, dimension, dtype: dtype, generator: generator);
        bank = nn.functional.normalize(random.sub_(OneHalf), dim: 1).to(device ?? CPU).DetachFromDisposeScope();
        register_buffer(nameof(bank), bank);
        GC.KeepAlive(generator);
    }

    /// <summary>Rows of the bank.</summary>
    public int Samples { get; }

    /// <summary>Length of a row.</summary>
    public int Dimension { get; }

    /// <summary>The rows of some samples, in the order asked for; a copy without gradient.</summary>
    internal Tensor Rows(Tensor indices) => bank.index_select(0, indices);

    /// <summary>The numbers of a batch's samples as a tensor beside the bank.</summary>
    /// <exception cref="ArgumentException">There are no numbers, or one is outside the bank.</exception>
    internal Tensor Numbers(ReadOnlySpan<int> indices)
    {
        if (indices.IsEmpty)
            throw new ArgumentException(
                "The batch does not say which samples it shows; expected their numbers in the data, which a memory bank has a row for. A "
                + "stream without a count has none: use the queue (MomentumContrast) there.", nameof(indices));
        long[] numbers = new long[indices.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (indices[i] < 0 || indices[i] >= Samples)
                throw new ArgumentException(
                    $"The batch shows sample {indices[i]}; expected 0 to {Samples - 1}, the rows of the memory bank.", nameof(indices));
            numbers[i] = indices[i];
        }
        using Tensor host = tensor(numbers);
        return host.SendTo(bank.device);
    }

    /// <summary>Draws samples uniformly, with repetition; the same ones for the same step.</summary>
    internal Tensor Draw(int count, long step)
    {
        using Generator generator = new(SeedMix.Of(seed, step), CPU);
        using Scalar samples = ((double)Samples).ToScalar();
        using DisposeScope scope = NewDisposeScope();
        Tensor drawn = rand(count, dtype: ScalarType.Float64, generator: generator).mul_(samples).floor_().to(ScalarType.Int64);
        GC.KeepAlive(generator);
        return drawn.SendTo(bank.device).MoveToOuterDisposeScope();
    }

    /// <summary>v ← normalize((1 − t)·v + t·f) for a batch's own rows.</summary>
    internal void Update(Tensor indices, Tensor embeddings, Scalar keep, Scalar take)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor mixed = Rows(indices).mul_(keep).add_(embeddings, take);
        bank.index_copy_(0, indices, nn.functional.normalize(mixed, dim: 1));
    }
}
