namespace MoCo.Data.Shards;

/// <summary>Where an image lies in a set of shards.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="Offset">Where its file begins, in bytes.</param>
/// <param name="Length">Bytes of its file.</param>
/// <param name="Label">Its label, −1 for none.</param>
internal readonly record struct ShardImage(int Shard, long Offset, int Length, int Label);
