using System.Formats.Tar;
using System.Text;

namespace MakeShards;

/// <summary>Writes one shard under another name and gives it its own when it is whole; one that is not finished leaves nothing.</summary>
internal sealed class ShardWriter : IDisposable
{
    private const int Block = 512;

    private readonly string path;
    private readonly string temporary;
    private readonly FileStream file;
    private readonly TarWriter tar;
    private bool finished;

    public ShardWriter(string path)
    {
        this.path = path;
        temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.{Environment.ProcessId}.tmp");
        file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20);
        tar = new TarWriter(file, TarEntryFormat.Ustar, leaveOpen: true);
    }

    public int Images { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>What an image takes in a shard: its header and its label's, each content filled up to whole blocks.</summary>
    public static long SizeOf(EncodedImage image) => Whole(image.Bytes.Length) + (image.Label is null ? 0 : Whole(1));

    public void Add(string stem, string ending, EncodedImage image)
    {
        if (image.Label is { } label) Put($"{stem}.cls", Encoding.ASCII.GetBytes(label.ToString(CultureInfo.InvariantCulture)));
        Put(stem + ending, image.Bytes.ToArray());
        Images++;
        Bytes += SizeOf(image);
    }

    public void Finish()
    {
        tar.Dispose();
        file.Flush(flushToDisk: true);
        file.Dispose();
        File.Move(temporary, path, overwrite: false);
        finished = true;
    }

    public void Dispose()
    {
        if (finished) return;
        tar.Dispose();
        file.Dispose();
        File.Delete(temporary);
    }

    private void Put(string name, byte[] content)
    {
        // One time of change for all: the same images make the same bytes.
        tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(content),
            ModificationTime = DateTimeOffset.UnixEpoch,
        });
    }

    private static long Whole(long content) => Block + ((content + Block - 1) / Block * Block);
}
