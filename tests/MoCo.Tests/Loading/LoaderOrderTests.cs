using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Tests.Loading;

public sealed class LoaderOrderTests
{
    private static readonly AugmentationRecipe Recipe = BatchRecord.Recipe;

    [Theory]
    [InlineData(2, 50)]
    [InlineData(3, 50)]
    public void Ranks_see_disjoint_parts_of_equal_size_that_together_are_everything_but_the_remainder(int ranks, int count)
    {
        List<int[]> parts = Enumerable.Range(0, ranks)
            .Select(rank => BatchRecord.Epoch(
                new SyntheticImages(count), new() { BatchSize = 8, Rank = rank, Ranks = ranks },
                1).SelectMany(batch => batch.Indices).ToArray())
            .ToList();

        Assert.All(parts, part => Assert.Equal(count / ranks, part.Length));
        Assert.Equal(count / ranks * ranks, parts.SelectMany(part => part).Distinct().Count());
        int[] order = EpochPermutation.Create(count, 0, 1);
        Assert.Equal(order.Where((_, place) => place % ranks == 1).Take(count / ranks), parts[1]);
    }

    [Fact]
    public void A_view_does_not_depend_on_which_rank_makes_it()
    {
        LoaderOptions options = new() { BatchSize = 8, Seed = 4 };
        Dictionary<int, float[]> alone = BatchRecord.Epoch(new SyntheticImages(32), options, 2).SelectMany(Views).ToDictionary();
        List<KeyValuePair<int, float[]>> second = BatchRecord.Epoch(
            new SyntheticImages(32), options with { Rank = 1, Ranks = 2 }, 2).SelectMany(Views).ToList();

        Assert.Equal(16, second.Count);
        Assert.All(second, view => Assert.Equal(alone[view.Key], view.Value));

        static IEnumerable<KeyValuePair<int, float[]>> Views(BatchRecord batch) =>
            batch.Indices.Select((index, row) => KeyValuePair.Create(index, batch.Row(row)));
    }

    [Fact]
    public void As_ready_batches_have_the_same_content_and_none_is_lost()
    {
        SyntheticImages source = new(200);
        LoaderOptions options = new() { BatchSize = 8, Workers = 4, PrefetchBatches = 6 };

        List<BatchRecord> ready = BatchRecord.Epoch(source, options with { Ordered = false }, 3);

        BatchRecord.AssertEqual(BatchRecord.Epoch(source, options, 3), [.. ready.OrderBy(batch => batch.Number)]);
    }

    [Fact]
    public void As_ready_a_slow_batch_holds_back_no_other()
    {
        // The first image hangs until three batches behind it have come.
        using ManualResetEventSlim gate = new();
        SyntheticImages source = new(12) { Hold = (0, gate) };
        using TwoCropLoader loader = new(
            source, Recipe, new() { BatchSize = 3, Workers = 2, PrefetchBatches = 4, Shuffle = false, Ordered = false });
        List<int> numbers = new();

        foreach (TwoCropBatch batch in loader.Epoch(0))
        {
            numbers.Add(batch.Number);
            batch.Dispose();
            if (numbers.Count == 3) gate.Set();
        }
        Assert.Equal([1, 2, 3, 0], numbers);
    }
}
