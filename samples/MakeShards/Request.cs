using MoCo.Data;

namespace MakeShards;

/// <summary>What was asked for.</summary>
/// <param name="Folder">The images.</param>
/// <param name="Out">The folder for the shards, made if missing.</param>
/// <param name="Prefix">What the shards' names begin with.</param>
/// <param name="ShardSize">Images in a shard, at most.</param>
/// <param name="ShardBytes">Bytes of a shard, at most, but for a single larger image.</param>
/// <param name="Shuffle">Whether images are mixed; a stream is only mixed within its buffer later.</param>
/// <param name="Seed">The seed of the mixing.</param>
/// <param name="Labels">Where labels come from.</param>
internal sealed record Request(string Folder, string Out, string Prefix, int ShardSize, long ShardBytes, bool Shuffle, long Seed, ImageFolderLabels Labels);
