using Microsoft.Win32.SafeHandles;

namespace MoCo.Data.Shards;

/// <summary>What one pass over the headers of all shards finds.</summary>
/// <param name="Images">Images that a reader will yield.</param>
/// <param name="HighestLabel">The highest label, −1 for none.</param>
/// <param name="Ignored">Entries that are neither images nor labels.</param>
internal readonly record struct ShardCensus(long Images, int HighestLabel, long Ignored)
{
    internal static ShardCensus Take(ShardSet set)
    {
        ShardSamples samples = new(set);
        long images = 0L;
        int highest = ShardLabel.None;
        for (int shard = 0; shard < set.Paths.Length; shard++)
        {
            using SafeFileHandle file = set.Open(shard);
            samples.Open(shard, file);
            while (samples.Next(file, out ShardImage image))
            {
                images++;
                highest = Math.Max(highest, image.Label);
            }
        }
        return new ShardCensus(images, highest, samples.Ignored);
    }

    /// <summary>Compressed shards are a mistake of all of them, told at once rather than shard by shard.</summary>
    internal static void RefuseCompressed(ShardSet set)
    {
        using SafeFileHandle file = set.Open(0);
        Span<byte> magic = stackalloc byte[4];
        int found = TarEntries.ReadFully(file, 0, magic);
        string? kind = magic[..found] switch
        {
            [0x1F, 0x8B, ..] => "gzip",
            [0x28, 0xB5, 0x2F, 0xFD] => "zstd",
            [0x42, 0x5A, 0x68, ..] => "bzip2",
            [0xFD, 0x37, 0x7A, 0x58] => "xz",
            [0x50, 0x4B, ..] => "zip",
            _ => null,
        };
        if (kind is not null)
        {
            throw new InvalidDataException(
                $"{set.Paths[0]}: expected a plain tar file, found {kind}. Unpack it first: images are compressed already, and only "
                + "plain tar lets a reader pass over what it does not need.");
        }
    }
}
