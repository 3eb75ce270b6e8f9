namespace MoCo.Data.Shards;

/// <summary>Images of one shard, by their numbers in it: the one numbered <paramref name="From"/>, and behind it every
/// <paramref name="Step"/>-th below <paramref name="To"/>.</summary>
internal readonly record struct ShardPiece(int Shard, long From, long To = ShardPiece.End, int Step = 1)
{
    /// <summary>Stands for the shard's end where its images were not counted.</summary>
    internal const long End = long.MaxValue;

    internal bool Has(long image) => image >= From && (image - From) % Step == 0;
}

/// <summary>One rank's part of the shards in one epoch, piece by piece.</summary>
internal abstract class ShardPart
{
    // No rank has this number, so no rank's shuffle draws what all ranks draw.
    private const int EveryRank = int.MaxValue;

    /// <summary>How many pieces there are.</summary>
    internal abstract int Count { get; }

    /// <summary>Finds a piece.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="shared">The images that the shards of the pieces before have together, as far as ranks share them one by one.</param>
    internal abstract ShardPiece Piece(int number, long shared);

    /// <summary>Deals a number of shards by how many images each has; null: they were not counted.</summary>
    internal static ShardPart Of(int shards, long[]? images, long seed, int epoch, bool shuffle, int rank, int ranks)
    {
        int[] order = shuffle ? EpochPermutation.Create(shards, seed, epoch) : EpochPermutation.Identity(shards);
        if (images is null) return new DealtPart(order, rank, ranks);
        // A single rank has all images: another start would only change its order.
        double start = shuffle && ranks > 1 ? ShardReader.RandomFor(seed, epoch, EveryRank).NextDouble() : 0;
        return new CountedPart(order, images, start, rank, ranks);
    }
}

/// <summary>A part of shards whose images were counted. The shards lie end to end, the first behind the last again, and each rank has as
/// many places of this ring as any other, behind those of the rank before: whole shards and its shares of the two at its borders.</summary>
internal sealed class CountedPart : ShardPart
{
    private readonly int[] order;
    private readonly long[] images;
    private readonly int first;
    private readonly long from, to;

    /// <param name="order">The shards' order.</param>
    /// <param name="images">How many images each shard has; at least one has any.</param>
    /// <param name="start">Where on the ring the first rank's places begin, 0 to below 1 of its length.</param>
    /// <param name="rank">This rank.</param>
    /// <param name="ranks">All of them.</param>
    internal CountedPart(int[] order, long[] images, double start, int rank, int ranks)
    {
        (this.order, this.images) = (order, images);
        long total = images.Sum(), share = total / ranks;
        for (from = ((long)(start * total) + (rank * share)) % total; from >= images[order[first]]; first++) from -= images[order[first]];
        for (to = from + share; to > images[Shard(Count)]; Count++) to -= images[Shard(Count)];
        Count++;
    }

    internal override int Count { get; }

    internal override ShardPiece Piece(int number, long shared) =>
        new(Shard(number), number == 0 ? from : 0, number == Count - 1 ? to : images[Shard(number)]);

    private int Shard(int piece) => order[(first + piece) % order.Length];
}

/// <summary>A part of shards of unknown length. As many whole shards as every rank can have equally many of are dealt whole; the images of
/// the few that are left over are dealt one by one, so that no rank goes short where shards are few.</summary>
internal sealed class DealtPart : ShardPart
{
    private readonly int[] order;
    private readonly int rank, ranks, whole;

    internal DealtPart(int[] order, int rank, int ranks)
    {
        (this.order, this.rank, this.ranks, whole) = (order, rank, ranks, order.Length / ranks);
        Count = whole + (order.Length % ranks);
    }

    internal override int Count { get; }

    internal override ShardPiece Piece(int number, long shared) => number < whole
        ? new ShardPiece(order[(number * ranks) + rank], 0)
        : new ShardPiece(order[(whole * ranks) + number - whole], (rank - (shared % ranks) + ranks) % ranks, Step: ranks);
}
