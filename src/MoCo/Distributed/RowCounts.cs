namespace MoCo.Distributed;

/// <summary>How many rows an exchange moves.</summary>
/// <param name="Sent">To each rank.</param>
/// <param name="Received">From each rank.</param>
internal readonly record struct RowCounts(int[] Sent, int[] Received);
