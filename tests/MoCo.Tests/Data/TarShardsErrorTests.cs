using System.IO.Compression;
using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class TarShardsErrorTests : IDisposable
{
    private const int Block = 512;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_error_of_the_options_is_told_at_once()
    {
        SourceOptions options = new() { Classes = [], ImagesPerEpoch = 0, ShuffleBuffer = 0 };

        ArgumentException error = Assert.Throws<ArgumentException>(options.Validate);

        Assert.Equal(
            "SourceOptions: Classes is []; expected at least one name, or null. ImagesPerEpoch is 0; expected 1 or more, or null. "
            + "ShuffleBuffer is 0; expected 1 to 16777216.", error.Message);
    }

    [Fact]
    public void A_shard_that_is_cut_off_anywhere_is_read_up_to_there_and_the_next_follows()
    {
        ShardFile.Write(folder, "a.tar", ("1.cls", "0"), ("1.jpg", "one"), ("2.cls", "1"), ("2.jpg", "two"));
        ShardFile.Write(folder, "b.tar", ("3.cls", "0"), ("3.jpg", "three"));
        byte[] good = File.ReadAllBytes(folder.File("a.tar"));
        for (int length = 0; length < 9 * Block; length += 64)
        {
            File.WriteAllBytes(folder.File("a.tar"), good[..length]);
            TarShards shards = Open();

            // An image is whole once its last byte is there.
            List<string> expected = [];
            if (length >= (3 * Block) + 3) expected.Add("one");
            if (length >= (7 * Block) + 3) expected.Add("two");
            Assert.Equal([.. expected, "three"], shards.Drain(shuffle: false));
            // An entry is a header and a block that is nearly empty: a cut in what is left empty costs nothing.
            bool cut = length == 0 || length % (2 * Block) is > 0 and <= Block;
            Assert.Equal(cut ? [folder.File("a.tar")] : [], shards.Errors.First.Select(error => error.Location.Split(',')[0]));
        }
    }

    [Fact]
    public void Damage_is_recorded_once_however_often_it_is_met()
    {
        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"), ("2.jpg", "two"));
        ShardFile.Write(folder, "b.tar", ("3.jpg", "three"));
        Change("a.tar", 2 * Block, (byte)'9');
        TarShards shards = Open();

        for (int epoch = 0; epoch < 3; epoch++) Assert.Equal(["one", "three"], shards.Drain(epoch).Order());

        Assert.Equal(2, shards.Count);
        Assert.Contains("wrong checksum", Assert.Single(shards.Errors.First).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("77777777777")]
    [InlineData("-0000000001")]
    [InlineData("0000000000x")]
    [InlineData("           ")]
    public void A_hostile_size_is_refused(string size)
    {
        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"), ("2.jpg", "two"));
        ShardFile.Write(folder, "b.tar", ("3.jpg", "three"));
        SetSize(2 * Block, Encoding.ASCII.GetBytes(size));

        TarShards shards = Open();

        Assert.Equal(["one", "three"], shards.Drain(shuffle: false));
        Assert.Equal(1, shards.Errors.Count);
    }

    [Theory]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 }, true)]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, false)]
    [InlineData(new byte[] { 0x80, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, false)]
    [InlineData(new byte[] { 0x80, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3 }, false)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, false)]
    public void Sizes_in_base_256_are_read_and_checked(byte[] size, bool good)
    {
        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"), ("2.jpg", "two"));
        ShardFile.Write(folder, "b.tar", ("3.jpg", "three"));
        SetSize(2 * Block, size);

        Assert.Equal(good ? ["one", "two", "three"] : ["one", "three"], Open().Drain(shuffle: false));
    }

    [Fact]
    public void Compressed_shards_are_refused_by_name()
    {
        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"));
        using (GZipStream gzip = new(File.Create(folder.File("b.tar")), CompressionLevel.Fastest))
            gzip.Write(File.ReadAllBytes(folder.File("a.tar")));
        File.Move(folder.File("b.tar"), folder.File("a.tar"), overwrite: true);

        Assert.Contains("found gzip. Unpack it first", Assert.Throws<InvalidDataException>(Open).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "a Git-LFS pointer")]
    [InlineData("<!DOCTYPE html><html>404</html>", "a web page")]
    public void What_is_no_tar_file_says_what_it_is(string content, string what)
    {
        string path = folder.Write("a.tar", Encoding.UTF8.GetBytes(content));

        string message = Assert.Throws<InvalidDataException>(() => new TarShards(path)).Message;

        Assert.Contains($"Expected a tar file, found {what}", message, StringComparison.Ordinal);
        Assert.DoesNotContain("..", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Shards_without_an_image_end_in_an_error_and_not_in_a_loop()
    {
        ShardFile.Write(folder, "a.tar", ("1.txt", "one"));
        Assert.Contains("no image in 1 shard;", Assert.Throws<InvalidDataException>(Open).Message, StringComparison.Ordinal);

        TarShards given = new(folder.File("a.tar"), ByteDecoder.Options with { ImagesPerEpoch = 5 });
        string message = Assert.Throws<InvalidDataException>(() => given.Drain()).Message;
        Assert.StartsWith("No image that can be read is in the 1 shard of this rank", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Thousands_of_changed_shards_neither_crash_nor_hang()
    {
        ShardFile.Write(
            folder, "a.tar", System.Formats.Tar.TarEntryFormat.Pax, ("1.cls", "0"), ("1.jpg", "one"),
            (new string('n', 200) + ".jpg", "two"), ("3.json", "{\"label\": 1}"), ("3.png", "three"));
        ShardFile.Write(folder, "b.tar", ("4.jpg", "four"));
        byte[] good = File.ReadAllBytes(folder.File("a.tar"));
        Random random = new(7);
        for (int round = 0; round < 2_000; round++)
        {
            byte[] bad = [.. good];
            int block = random.Next(bad.Length / Block) * Block;
            for (int change = random.Next(1, 4); change > 0; change--) bad[block + random.Next(Block)] = (byte)random.Next(256);
            // Half of them with a checksum that fits, so that what lies behind it is reached.
            if (round % 2 == 0) FixChecksum(bad.AsSpan(block, Block));
            File.WriteAllBytes(folder.File("a.tar"), bad);

            Assert.Contains("four", Open().Drain(shuffle: false));
        }
    }

    private TarShards Open() => new(folder.File("*.tar"), ByteDecoder.Options);

    private void Change(string name, int at, byte value)
    {
        byte[] content = File.ReadAllBytes(folder.File(name));
        content[at] = value;
        File.WriteAllBytes(folder.File(name), content);
    }

    private void SetSize(int header, byte[] size)
    {
        byte[] content = File.ReadAllBytes(folder.File("a.tar"));
        size.CopyTo(content.AsSpan(header + 124));
        FixChecksum(content.AsSpan(header, Block));
        File.WriteAllBytes(folder.File("a.tar"), content);
    }

    private static void FixChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        int sum = 0;
        foreach (byte value in header) sum += value;
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(header[148..]);
    }
}
