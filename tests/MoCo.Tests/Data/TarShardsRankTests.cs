using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class TarShardsRankTests : IDisposable
{
    private const int MostShards = 17, MostRanks = 16;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("equal")]
    [InlineData("unequal")]
    [InlineData("one empty")]
    [InlineData("one giant")]
    [InlineData("one cut off")]
    public void No_image_is_lost_or_doubled_for_any_ratio_of_shards_to_ranks(string pattern)
    {
        for (int count = pattern == "one empty" ? 2 : 1; count <= MostShards; count++)
        {
            int[] sizes = [.. Enumerable.Range(0, count).Select(shard => pattern switch
            {
                "equal" => 4,
                "unequal" => 1 + (7 * shard % 9),
                "one empty" => shard == count / 2 ? 0 : 3,
                "one giant" => shard == count / 2 ? 100 : 1 + (shard % 2),
                _ => 6,
            })];
            TarShards shards = ShardFile.Numbered(folder, sizes, buffer: 4);
            if (pattern == "one cut off")
            {
                sizes[count / 2] = 2;
                using (FileStream cut = File.OpenWrite(shards.Shards[count / 2])) cut.SetLength((4 * 1024) + 100);
                shards = new TarShards(shards.Shards, ByteDecoder.Options with { ShuffleBuffer = 4 });
            }
            Assert.Equal(sizes.Sum(), shards.Count);
            for (int ranks = 1; ranks <= MostRanks; ranks++)
            {
                string where = $"{count} shards, {ranks} ranks";
                int share = sizes.Sum() / ranks;
                List<string>[] parts = Parts(shards, 0, ranks), others = Parts(shards, 1, ranks);
                foreach (List<string>[] epoch in new[] { parts, others })
                {
                    Assert.True(epoch.All(part => part.Count == share), where);
                    // Fewer than the ranks are left out: the remainder of the division.
                    Assert.True(epoch.SelectMany(part => part).Distinct().Count() == share * ranks, where);
                }
                Assert.False(share > 3 && parts.Zip(others).All(pair => pair.First.SequenceEqual(pair.Second)), where);
                int rank = count % ranks;
                foreach (int skip in new[] { 1, share / 2, share - 1, share, share + 1 }.Where(skip => skip >= 0))
                    Assert.True(parts[rank].Skip(skip).SequenceEqual(Part(shards, 0, rank, ranks, skip)), $"{where}, {skip} skipped");
            }
        }
    }

    [Theory]
    [InlineData(new[] { 7 })]
    [InlineData(new[] { 4, 3 })]
    [InlineData(new[] { 1, 0, 5, 1 })]
    public void The_remainder_is_another_in_every_epoch(int[] sizes)
    {
        TarShards shards = ShardFile.Numbered(folder, sizes);

        List<string>[] epochs = [.. Enumerable.Range(0, 30).Select(epoch =>
            Parts(shards, epoch, 4).SelectMany(part => part).Distinct().ToList())];

        Assert.All(epochs, epoch => Assert.Equal(4, epoch.Count));
        Assert.Equal(7, epochs.SelectMany(epoch => epoch).Distinct().Count());
    }

    [Fact]
    public void Ranks_have_other_images_of_a_single_shard_in_every_epoch()
    {
        TarShards shards = ShardFile.Numbered(folder, [64]);

        Assert.NotEqual(Part(shards, 0, 0, 2).Order(), Part(shards, 1, 0, 2).Order());
    }

    [Fact]
    public void A_rank_opens_no_shard_but_those_that_it_has_images_of()
    {
        TarShards shards = ShardFile.Numbered(folder, [4, 1, 4, 3, 4]);
        foreach (int other in new[] { 0, 3, 4 }) File.Delete(shards.Shards[other]);

        Assert.Equal(["4", "5", "6", "7"], shards.Drain(shuffle: false, rank: 1, ranks: 4).Order());
    }

    [Fact]
    public void A_shard_that_shrank_after_it_was_counted_is_recorded_and_costs_no_other_rank()
    {
        TarShards shards = ShardFile.Numbered(folder, [6, 6], buffer: 1);
        ShardFile.Write(folder, "s-000.tar", ("000000.jpg", "0"), ("000001.jpg", "1"));

        Assert.Equal(["0", "1", "0", "1", "0", "1"], shards.Drain(shuffle: false, rank: 0, ranks: 2));
        Assert.Equal(["6", "7", "8", "9", "10", "11"], shards.Drain(shuffle: false, rank: 1, ranks: 2));
        Assert.Equal(
            [new SourceError(
                $"{folder.File("s-000.tar")}, byte 0", "The shard has changed since its images were counted: it has 2, expected 6.")],
            shards.Errors.First);
    }

    [Fact]
    public void Of_a_shard_that_grew_after_it_was_counted_the_counted_images_are_read()
    {
        TarShards shards = ShardFile.Numbered(folder, [2, 3], buffer: 1);
        ShardFile.Write(folder, "s-000.tar", ("000000.jpg", "0"), ("000001.jpg", "1"), ("000009.jpg", "new"));

        Assert.Equal(["0", "1", "2", "3", "4"], shards.Drain(shuffle: false));
        Assert.Equal(0, shards.Errors.Count);
    }

    private static List<string>[] Parts(TarShards shards, int epoch, int ranks) =>
        [.. Enumerable.Range(0, ranks).Select(rank => Part(shards, epoch, rank, ranks))];

    private static List<string> Part(TarShards shards, int epoch, int rank, int ranks, int skip = 0) =>
        shards.Drain(epoch, rank: rank, ranks: ranks, skip: skip);
}
