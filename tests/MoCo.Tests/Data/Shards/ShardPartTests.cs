using MoCo.Data;
using MoCo.Data.Folders;
using MoCo.Data.Shards;

namespace MoCo.Tests.Data.Shards;

public sealed class ShardPartTests : IDisposable
{
    private const int Shards = 100_000;
    private const long Images = 1_000_000_000;

    // What else a thread may be charged with: the rest of the memory that it had at hand at a collection.
    private const int Slack = 64 << 10;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    [InlineData(1_024)]
    public void A_billion_images_in_uneven_shards_are_dealt_once_each_in_four_bytes_a_shard(int ranks)
    {
        long[] images = [.. Enumerable.Range(0, Shards).Select(shard => shard % 1_000 == 0 ? 0 : 5_000 + (7_919L * shard % 9_973))];
        images[500] += Images - images.Sum();
        List<ShardPiece> pieces = new(Shards + (3 * ranks));
        for (int rank = 0; rank < ranks; rank++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread(), share = 0;
            ShardPart part = ShardPart.Of(Shards, images, 1, 2, true, rank, ranks);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (sizeof(int) * Shards) + Slack);
            for (int number = 0; number < part.Count; number++)
            {
                ShardPiece piece = part.Piece(number, 0);
                Assert.Equal(1, piece.Step);
                share += piece.To - piece.From;
                pieces.Add(piece);
            }
            Assert.Equal(Images / ranks, share);
        }
        // Pieces that lie within their shards, do not overlap and have as many images as there are to deal have each once.
        pieces.Sort((one, other) => (one.Shard, one.From).CompareTo((other.Shard, other.From)));
        Assert.All(pieces, piece => Assert.True(0 <= piece.From && piece.From <= piece.To && piece.To <= images[piece.Shard]));
        Assert.All(pieces.Zip(pieces.Skip(1)), pair => Assert.True(
            pair.First.Shard < pair.Second.Shard || pair.First.To <= pair.Second.From));
    }

    [Fact]
    public void One_of_1024_ranks_goes_through_its_part_of_a_billion_names_by_their_headers_in_constant_memory()
    {
        const int Few = 7_000, Many = 13_000, Ranks = 1_024, Rank = 700;
        string few = Write("few.tar", Few), many = Write("many.tar", Many);
        ShardSet set = new(
            [.. Enumerable.Range(0, Shards).Select(shard => shard % 2 == 0 ? few : many)],
            new ImageExtensions([".jpg"]), new ImageExtensions([".cls"]), ShardSet.MostUnnamedClasses, new SourceErrors());
        long[] images = [.. Enumerable.Range(0, Shards).Select(shard => shard % 2 == 0 ? (long)Few : Many)];
        Assert.Equal(Images, images.Sum());
        ShardPart part = ShardPart.Of(Shards, images, 1, 2, true, Rank, Ranks);
        const long Share = Images / Ranks;
        using ShardReader reader = new(set, part, 1_000, ShardReader.RandomFor(1, 2, Rank), Share, 0);
        Assert.True(reader.MoveNext());

        long memory = GC.GetTotalMemory(forceFullCollection: true), before = GC.GetAllocatedBytesForCurrentThread(), read = 1;
        while (reader.MoveNext()) read++;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(Share, read);
        // No image takes any; a shard that is opened some hundred bytes.
        Assert.InRange(allocated, 0, (1_024 * part.Count) + Slack);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - memory, long.MinValue, 1 << 20);
        Assert.Equal(0, set.Errors.Count);
    }

    private string Write(string name, int count) =>
        ShardFile.Write(folder, name, [.. Enumerable.Range(0, count).Select(number => ($"{number:D9}.jpg", ""))]);
}
