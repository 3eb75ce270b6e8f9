using System.Formats.Tar;
using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Shared.Files;

/// <summary>Writes shards for tests and reads streams to their end.</summary>
internal static class ShardFile
{
    public static string Write(TemporaryFolder folder, string name, params (string Name, string Content)[] entries) =>
        Write(folder, name, TarEntryFormat.Ustar, entries);

    public static string Write(TemporaryFolder folder, string name, TarEntryFormat format, params (string Name, string Content)[] entries)
    {
        using (TarWriter writer = new(File.Create(folder.File(name)), format))
        {
            foreach ((string? entryName, string? content) in entries)
            {
                TarEntry entry = format switch
                {
                    TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, entryName),
                    TarEntryFormat.Gnu => new GnuTarEntry(TarEntryType.RegularFile, entryName),
                    TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, entryName),
                    _ => new UstarTarEntry(TarEntryType.RegularFile, entryName),
                };
                entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
                writer.WriteEntry(entry);
            }
        }
        return folder.File(name);
    }

    /// <summary>Shards of labelled images, each image's content its number.</summary>
    public static TarShards Numbered(TemporaryFolder folder, int[] sizes, int buffer = 8, long? perEpoch = null)
    {
        int number = 0;
        for (int shard = 0; shard < sizes.Length; shard++)
        {
            Write(folder, $"s-{shard:D3}.tar", [.. Enumerable.Range(0, sizes[shard]).SelectMany(_ =>
            {
                string content = $"{number}";
                return new[] { ($"{number:D6}.cls", $"{number++ % 3}"), ($"{number - 1:D6}.jpg", content) };
            })]);
        }
        return new TarShards(
            folder.File($"s-{{000..{sizes.Length - 1:D3}}}.tar"),
            ByteDecoder.Options with { ShuffleBuffer = buffer, ImagesPerEpoch = perEpoch });
    }

    public static List<string> Drain(this TarShards shards, int epoch = 0, bool shuffle = true, int rank = 0, int ranks = 1, long skip = 0)
    {
        using IEnumerator<EncodedImage> images = shards.Open(1, epoch, shuffle, rank, ranks, skip);
        List<string> read = [];
        while (images.MoveNext()) read.Add(Encoding.UTF8.GetString(images.Current.Bytes));
        return read;
    }
}
