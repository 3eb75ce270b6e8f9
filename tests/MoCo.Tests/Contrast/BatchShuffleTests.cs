using MoCo.Contrast;
using MoCo.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class BatchShuffleTests
{
    [Fact]
    public void Unshuffle_undoes_shuffle()
    {
        using DisposeScope scope = NewDisposeScope();
        BatchShuffle shuffle = new(seed: 5);
        Tensor batch = rand(32, 3, 4, 4);
        (Tensor shuffled, ReadOnlyMemory<long> order) = shuffle.Shuffle(batch, step: 9);
        Assert.False(shuffled.equal(batch).all().item<bool>());
        Fixture.Near(batch.sum(), shuffled.sum(), 1e-3, "sum");
        Fixture.Near(batch.flatten(1), shuffle.Unshuffle(shuffled.flatten(1), order), 0, "batch");
    }

    [Fact]
    public void The_order_depends_on_seed_and_step_alone()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor batch = Counting(64).to(ScalarType.Float32);
        Tensor Shuffled(long seed, long step) => new BatchShuffle(seed).Shuffle(batch, step).Batch;
        Fixture.Near(Shuffled(1, 2), Shuffled(1, 2), 0, "same seed and step");
        Assert.NotEqual(Shuffled(1, 2).data<float>().ToArray(), Shuffled(1, 3).data<float>().ToArray());
        Assert.NotEqual(Shuffled(1, 2).data<float>().ToArray(), Shuffled(2, 2).data<float>().ToArray());
    }

    [Fact]
    public async Task Ranks_shuffle_across_each_other_and_get_their_own_samples_back()
    {
        const int ranks = 3, samples = 8;
        ThreadGroup.Exchange exchange = new(ranks);
        (long[] Shuffled, long[] Back)[] results = await Task.WhenAll(Enumerable.Range(0, ranks).Select(rank => Task.Run(() =>
        {
            using DisposeScope scope = NewDisposeScope();
            BatchShuffle shuffle = new(seed: 11, new ThreadGroup(rank, exchange));
            Tensor mine = Counting(ranks * samples).narrow(0, rank * samples, samples);
            (Tensor shuffled, ReadOnlyMemory<long> order) = shuffle.Shuffle(mine, step: 4);
            return (shuffled.data<long>().ToArray(), shuffle.Unshuffle(shuffled, order).data<long>().ToArray());
        })));

        Assert.Equal(Enumerable.Range(0, ranks * samples).Select(i => (long)i), results.SelectMany(r => r.Shuffled).Order());
        for (int rank = 0; rank < ranks; rank++)
        {
            Assert.Equal(Enumerable.Range(rank * samples, samples).Select(i => (long)i), results[rank].Back);
            Assert.Contains(results[rank].Shuffled, sample => sample / samples != rank);
        }
    }

    /// <summary>Ranks that are threads of one process.</summary>
    private sealed class ThreadGroup(int rank, ThreadGroup.Exchange exchange) : IProcessGroup
    {
        public int Rank => rank;

        public int Size => exchange.Slots.Length;

        public Tensor AllGather(Tensor input)
        {
            exchange.Slots[rank] = input.clone().DetachFromDisposeScope();
            exchange.Gate.SignalAndWait();
            Tensor all = cat(exchange.Slots, 0);
            exchange.Gate.SignalAndWait();
            return all;
        }

        public sealed class Exchange(int ranks)
        {
            public Tensor[] Slots { get; } = new Tensor[ranks];

            public Barrier Gate { get; } = new(ranks);
        }
    }
}
