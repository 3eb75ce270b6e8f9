using MoCo.Contrast;
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

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void Ranks_shuffle_across_each_other_as_one_process_does(int ranks)
    {
        const int samples = 6;
        using DisposeScope scope = NewDisposeScope();
        long[] whole = new BatchShuffle(seed: 11).Shuffle(Counting(ranks * samples), step: 4).Batch.data<long>().ToArray();

        (long[] Shuffled, long[] Back, long[] All)[] results = ThreadGroup.Run(ranks, group =>
        {
            using DisposeScope inner = NewDisposeScope();
            BatchShuffle shuffle = new(seed: 11);
            Tensor mine = Counting(ranks * samples).slice(0, group.Rank, ranks * samples, ranks);
            (Tensor shuffled, ReadOnlyMemory<long> order) = shuffle.Shuffle(mine, step: 4, group);
            return (shuffled.data<long>().ToArray(), shuffle.Unshuffle(shuffled, order, group).contiguous().data<long>().ToArray(),
                BatchShuffle.UnshuffleAll(shuffled, order, group).data<long>().ToArray());
        });

        for (int rank = 0; rank < ranks; rank++)
        {
            // Place p of the whole is row p / ranks of rank p mod ranks.
            Assert.Equal(whole.Where((_, place) => place % ranks == rank), results[rank].Shuffled);
            Assert.Equal(Enumerable.Range(0, samples).Select(row => (long)(row * ranks + rank)), results[rank].Back);
            Assert.Equal(Enumerable.Range(0, ranks * samples).Select(n => (long)n), results[rank].All);
        }
    }

    [Fact]
    public void Rows_of_images_that_lie_channels_last_arrive_whole()
    {
        const int ranks = 2;
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(1, CPU);
        Tensor images = rand(8, 3, 5, 4, generator: generator), last = images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);
        float[] expected = new BatchShuffle(seed: 2).Shuffle(images, step: 0).Batch.data<float>().ToArray();

        float[][] parts = ThreadGroup.Run(ranks, group =>
        {
            using DisposeScope inner = NewDisposeScope();
            Tensor shuffled = new BatchShuffle(seed: 2).Shuffle(last.slice(0, group.Rank, 8, ranks), step: 0, group).Batch;
            return shuffled.contiguous().data<float>().ToArray();
        });

        float[][] rows = [.. expected.Chunk(3 * 5 * 4)];
        for (int rank = 0; rank < ranks; rank++)
            Assert.Equal(rows.Where((_, place) => place % ranks == rank).SelectMany(row => row), parts[rank]);
    }
}
