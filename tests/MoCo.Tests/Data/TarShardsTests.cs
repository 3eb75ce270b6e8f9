using System.Formats.Tar;
using System.Text;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class TarShardsTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(TarEntryFormat.V7)]
    [InlineData(TarEntryFormat.Ustar)]
    [InlineData(TarEntryFormat.Gnu)]
    [InlineData(TarEntryFormat.Pax)]
    public void Samples_are_entries_of_one_stem_in_every_form_of_tar(TarEntryFormat format)
    {
        ShardFile.Write(folder, "a.tar", format,
            ("x/1.cls", "2\n"), ("x/1.jpg", "one"), ("x/2.PNG", "two"), ("x/2.json", """{"size": [1, {"label": 9}], "label": 1}"""),
            ("y/2.webp", "three"), ("y/3.seg.png", "mask"), ("y/3.jpeg", "four"), ("y/3.txt", "caption"), (
                "y/.hidden.jpg", "hidden"), ("y/noending", ""));
        TarShards shards = Open("a.tar");

        List<(string, int?)> read = Read(shards);

        Assert.Equal([("one", 2), ("two", 1), ("three", null), ("four", null)], read);
        Assert.Equal(4, shards.Count);
        Assert.Equal(["0", "1", "2"], shards.Classes);
        Assert.Contains("left out: 4 entries", shards.Told(), StringComparison.Ordinal);
        Assert.Equal(0, shards.Errors.Count);
    }

    [Theory]
    [InlineData(TarEntryFormat.Ustar, 140)]
    [InlineData(TarEntryFormat.Gnu, 300)]
    [InlineData(TarEntryFormat.Pax, 300)]
    public void Long_and_foreign_names_keep_samples_apart(TarEntryFormat format, int length)
    {
        // Names that differ only behind what a plain header holds.
        string path = string.Concat(Enumerable.Repeat("folder/", length / 7));
        string foreign = format == TarEntryFormat.Ustar ? "" : "猫";
        ShardFile.Write(folder, "a.tar", format,
            (
                $"{path}{foreign}a.jpg",
                "one"), ($"{path}{foreign}a.cls", "1"), (
                    $"{path}{foreign}b.jpg", "two"), ($"{path}{foreign}b.cls", "0"), ("short.jpg", "three"));

        Assert.Equal([("one", 1), ("two", 0), ("three", null)], Read(Open("a.tar")));
    }

    [Fact]
    public void A_file_that_only_stands_between_labels_is_no_image()
    {
        ShardFile.Write(folder, "a.tar", ("1.cls", "1"), ("2.cls", "2"), ("2.jpg", "two"), ("3.jpg", "three"), ("1.jpg", "one"));

        Assert.Equal([("two", 2), ("three", null), ("one", null)], Read(Open("a.tar")));
    }

    [Theory]
    [InlineData("1.cls", "cat")]
    [InlineData("1.cls", "-1")]
    [InlineData("1.cls", "7")]
    [InlineData("1.json", "{\"label\": ")]
    [InlineData("1.json", "{\"cls\": 1.5}")]
    public void A_wrong_label_leaves_its_image_out_and_is_recorded(string name, string content)
    {
        string path = ShardFile.Write(folder, "a.tar", (name, content), ("1.jpg", "one"), ("2.jpg", "two"));
        TarShards shards = new(path, ByteDecoder.Options with { Classes = ["cat", "dog"] });

        Assert.Equal([("two", null)], Read(shards));
        Assert.Equal(1, shards.Count);
        Assert.StartsWith(path, Assert.Single(shards.Errors.First).Location, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_decodes_and_tells_where_it_lies()
    {
        string path = ShardFile.Write(folder, "a.tar", ("1.jpg", "one"), ("2.jpg", "two"));
        TarShards shards = Open("a.tar");
        using IEnumerator<EncodedImage> images = shards.Open(0, 0, false, 0, 1, 1);
        ImageBuffer buffer = new();

        Assert.True(images.MoveNext());
        shards.Decode(images.Current, buffer);

        Assert.Equal("two", ByteDecoder.Text(buffer));
        Assert.Equal($"{path}, byte 1536", images.Current.Location);
        Assert.False(images.MoveNext());
    }

    [Fact]
    public void Patterns_are_written_out()
    {
        foreach (string? name in new[] { "t-008.tar", "t-009.tar", "t-010.tar", "v-a.tar", "v-b.tar", "t-9.tar" })
            ShardFile.Write(folder, name, ($"{name[..^4]}.jpg", name));

        Assert.Equal(["t-008.tar", "t-009.tar", "t-010.tar"], Names("t-{008..010}.tar"));
        Assert.Equal(["t-009.tar", "t-010.tar", "v-a.tar", "v-b.tar"], Names("{t-009,t-010,v-a}.tar", "v-b.tar"));
        Assert.Equal(["t-008.tar", "t-009.tar"], Names("t-00{8..9}.tar"));
        Assert.Equal(["t-9.tar"], Names("t-{9..9}.tar"));
        Assert.Equal(["t-008.tar", "t-009.tar", "t-010.tar"], Names("t-0*.tar"));
        Assert.Equal(["v-a.tar", "v-b.tar"], Names("v-?.tar"));
        Assert.Equal(6, Names("").Length);
    }

    [Theory]
    [InlineData("t-{008..010.tar", "a brace has no other")]
    [InlineData("t-{010..008}.tar", "expected a rising range")]
    [InlineData("t-{0..99999999}.tar", "expected a rising range")]
    [InlineData("t-{8}.tar", "expected a rising range")]
    [InlineData("{t-{008..010},u}.tar", "a brace within a brace")]
    [InlineData("x*/t.tar", "in the file's name only")]
    [InlineData("t-{000..001}.tar", "(1 of 2 are missing)")]
    [InlineData("u-*.tar", "no such shards")]
    public void Patterns_that_lead_nowhere_say_why(string pattern, string because)
    {
        ShardFile.Write(folder, "t-000.tar", ("1.jpg", "one"));

        Assert.Contains(because, Assert.ThrowsAny<Exception>(() => Open(pattern)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_warm_reader_allocates_nothing()
    {
        TarShards shards = ShardFile.Numbered(folder, [100, 100], buffer: 16);
        using IEnumerator<EncodedImage> images = shards.Open(1, 0, true, 0, 1, 0);
        for (int i = 0; i < 50; i++) images.MoveNext();

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 30; i++) images.MoveNext();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private TarShards Open(string pattern) => new(folder.File(pattern), ByteDecoder.Options);

    private string[] Names(params string[] patterns) =>
        [.. new TarShards([.. patterns.Select(folder.File)], ByteDecoder.Options).Shards.Select(path => Path.GetFileName(path))];

    private static List<(string, int?)> Read(TarShards shards)
    {
        using IEnumerator<EncodedImage> images = shards.Open(0, 0, false, 0, 1, 0);
        List<(string, int?)> read = [];
        while (images.MoveNext()) read.Add((Encoding.UTF8.GetString(images.Current.Bytes), images.Current.Label));
        return read;
    }
}
