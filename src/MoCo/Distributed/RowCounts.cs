namespace MoCo.Distributed;

/// <summary>How many rows an exchange moves.</summary>
/// <param name="Sent">To each rank.</param>
/// <param name="Received">From each rank.</param>
internal readonly record struct RowCounts(int[] Sent, int[] Received)
{
    /// <summary>The same in bytes of a tensor's rows.</summary>
    public RowCounts BytesOf(Tensor rows)
    {
        int row = (int)(rows.ElementSize * rows.shape[1..].Aggregate(1L, (product, side) => product * side));
        return new([.. Sent.Select(n => n * row)], [.. Received.Select(n => n * row)]);
    }
}
