using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>One pass over the headers of all shards.</summary>
internal static class ShardCensus
{
    internal static ShardTally Take(ShardSet set)
    {
        ShardTally tally = new(set.Paths.Length);
        ShardSamples samples = new(set, tally);
        for (int shard = 0; shard < set.Paths.Length; shard++)
        {
            using SafeFileHandle file = set.Open(shard);
            samples.Open(shard, file);
            while (samples.Next(file, out ShardImage image))
            {
                tally.Images[shard]++;
                tally.HighestLabel = Math.Max(tally.HighestLabel, image.Label);
            }
        }
        return tally;
    }

    /// <summary>Compressed shards are a mistake of all of them, told at once rather than shard by shard.</summary>
    internal static void RefuseCompressed(ShardSet set)
    {
        using SafeFileHandle file = set.Open(0);
        Span<byte> start = stackalloc byte[TarHeader.BlockSize];
        int found = TarEntries.ReadFully(file, 0, start);
        if (TarHeader.Compression(start[..found]) is { } kind)
        {
            throw new InvalidDataException(
                $"{set.Paths[0]}: expected a plain tar file, found {kind}. Unpack it first: images are compressed already, and only "
                + "plain tar lets a reader pass over what it does not need.");
        }
    }
}
