namespace MoCo.Data.Shards;

/// <summary>One rank's part of the shards in one epoch.</summary>
/// <remarks>As many whole shards as every rank can have equally many of are dealt whole; the images of the few that are left over
/// are dealt one by one, so that no rank goes short where shards are few.</remarks>
internal readonly struct ShardPart
{
    private readonly int[] order;
    private readonly int rank, ranks, whole;

    internal ShardPart(int shards, long seed, int epoch, bool shuffle, int rank, int ranks)
    {
        order = shuffle ? EpochPermutation.Create(shards, seed, epoch) : EpochPermutation.Identity(shards);
        (this.rank, this.ranks, whole) = (rank, ranks, shards / ranks);
        Count = whole + (shards % ranks);
    }

    /// <summary>Shards that this rank reads.</summary>
    internal int Count { get; }

    internal int Shard(int place) => order[place < whole ? (place * ranks) + rank : (whole * ranks) + place - whole];

    /// <summary>Whether other ranks read the shard too, each its share of the images.</summary>
    internal bool IsShared(int place) => place >= whole;

    /// <summary>Whether this rank's share has an image, by its number among the images of all shared shards.</summary>
    internal bool Has(long image) => image % ranks == rank;
}
