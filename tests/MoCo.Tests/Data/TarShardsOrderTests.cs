using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class TarShardsOrderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Without_shuffling_the_shards_own_order_holds()
    {
        TarShards shards = ShardFile.Numbered(folder, [4, 3, 5]);

        Assert.Equal(Numbers(12), shards.Drain(shuffle: false));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(1_000)]
    public void Every_epoch_has_every_image_once_in_another_order(int buffer)
    {
        TarShards shards = ShardFile.Numbered(folder, [10, 10, 10, 10, 10], buffer);

        List<string> first = shards.Drain(epoch: 0);

        Assert.Equal(Numbers(50).Order(), first.Order());
        Assert.Equal(first, shards.Drain(epoch: 0));
        Assert.NotEqual(first, shards.Drain(epoch: 1));
        Assert.NotEqual(Numbers(50), first);
    }

    [Theory]
    [InlineData(0, "0 5 4 6 2 17 19 18 3 21 7 22 24 1 25 23 8 9 10 11 13 12 26 14 20 15 16")]
    [InlineData(7, "11 9 10 8 13 14 15 1 12 7 0 4 3 5 21 6 16 2 22 17 25 19 20 18 26 23 24")]
    public void One_process_has_the_order_that_no_version_changes(int epoch, string expected)
    {
        TarShards shards = ShardFile.Numbered(folder, [7, 1, 0, 9, 4, 6], buffer: 5);

        Assert.Equal(expected, string.Join(' ', shards.Drain(epoch)));
    }

    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(0, 3, null)]
    [InlineData(2, 3, null)]
    [InlineData(2, 3, 27L)]
    public void Resuming_at_every_place_goes_on_exactly(int rank, int ranks, long? given)
    {
        TarShards shards = ShardFile.Numbered(folder, [7, 1, 9, 4, 6], perEpoch: given);
        List<string> whole = shards.Drain(rank: rank, ranks: ranks);

        for (int skip = 0; skip <= whole.Count + 1; skip++)
            Assert.Equal(whole.Skip(skip), shards.Drain(rank: rank, ranks: ranks, skip: skip));
    }

    [Theory]
    [InlineData(2, new[] { 6, 6, 6, 6 })]
    [InlineData(2, new[] { 6, 6, 6 })]
    [InlineData(4, new[] { 8, 8, 8, 8, 8 })]
    [InlineData(3, new[] { 12 })]
    [InlineData(5, new[] { 7, 2, 11 })]
    public void Ranks_share_every_image_without_overlap_and_evenly(int ranks, int[] sizes)
    {
        // Sizes like these go round evenly also where nobody counted them.
        foreach (long? given in new long?[] { null, sizes.Sum() })
        {
            TarShards shards = ShardFile.Numbered(folder, sizes, perEpoch: given);
            foreach (bool shuffle in new[] { true, false })
            {
                List<List<string>> parts = Enumerable.Range(0, ranks).Select(rank => shards.Drain(
                    rank: rank, ranks: ranks, shuffle: shuffle)).ToList();

                Assert.All(parts, part => Assert.Equal(sizes.Sum() / ranks, part.Count));
                Assert.Equal(Numbers(sizes.Sum()).Order(), parts.SelectMany(part => part).Order());
            }
        }
    }

    [Fact]
    public void Ranks_with_uneven_shards_of_unknown_size_yield_equally_many_and_repeat_only_what_they_have_had_all_of()
    {
        TarShards shards = ShardFile.Numbered(folder, [2, 10], perEpoch: 12);

        List<List<string>> parts = Enumerable.Range(0, 2).Select(rank => shards.Drain(rank: rank, ranks: 2)).ToList();

        Assert.All(parts, part => Assert.Equal(6, part.Count));
        Assert.Empty(parts[0].Intersect(parts[1]));
        List<string> small = parts.Single(part => part.Distinct().Count() == 2);
        for (int pass = 0; pass < 3; pass++) Assert.Equal(["0", "1"], small.Skip(2 * pass).Take(2).Order());
    }

    [Theory]
    [InlineData(7)]
    [InlineData(30)]
    public void The_number_of_images_in_an_epoch_can_be_given(long given)
    {
        TarShards shards = ShardFile.Numbered(folder, [6, 6], perEpoch: given);

        List<string> read = shards.Drain();

        Assert.Equal(given, shards.Count);
        Assert.Equal(given, read.Count);
        Assert.Equal(Math.Min(given, 12), read.Distinct().Count());
        if (given > 12) Assert.Equal(12, read.Take(12).Distinct().Count());
    }

    [Fact]
    public void A_rank_that_is_none_is_refused()
    {
        TarShards shards = ShardFile.Numbered(folder, [2]);

        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Open(0, 0, true, 2, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Open(0, 0, true, -1, 2, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Open(0, 0, true, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => shards.Open(0, 0, true, 0, 1, -1));
    }

    [Fact]
    public void More_shards_are_read_than_stay_open()
    {
        TarShards shards = ShardFile.Numbered(folder, [.. Enumerable.Repeat(2, 100)], buffer: 150);

        Assert.Equal(Numbers(200).Order(), shards.Drain().Order());
    }

    private static IEnumerable<string> Numbers(int count) => Enumerable.Range(0, count).Select(number => $"{number}");
}
