using System.IO.Compression;
using System.Text;
using MoCo.Data;

namespace MoCo.Tests.Data;

/// <summary>Shards as people make them: which image gets which label, and what is told of the rest.</summary>
public sealed class TarShardsSampleTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_name_that_comes_twice_is_two_samples_and_no_image_gets_the_other_s_label()
    {
        Assert.Equal([0, 1], Labels(Fixture.Path("tars", "twice.tar")));

        ShardFile.Write(folder, "a.tar",
            ("a.jpg", "one"), ("a.cls", "0"), ("a.JPG", "two"), ("a.cls", "1"), ("b.cls", "2"), ("b.jpg", "three"), ("b.cls", "3"),
            ("b.jpg", "four"), ("c.jpg", "five"), ("c.jpg", "six"), ("c.cls", "4"));
        TarShards shards = Open("a.tar");

        Assert.Equal([("one", 0), ("two", 1), ("three", 2), ("four", 3), ("five", null), ("six", 4)], Read(shards));
        const string Told = "3 names come twice in a sample, which counts as two: a.JPG, b.cls, c.jpg";
        Assert.Contains(Told, shards.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Labels_that_lie_apart_from_their_images_are_counted_and_named()
    {
        TarShards unsorted = new(Fixture.Path("tars", "unsorted.tar"));
        Assert.Empty(unsorted.Classes);
        Assert.Contains("labels have no image beside them, which must lie next to each other (tar --sort=name): ", unsorted.Told(),
            StringComparison.Ordinal);

        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"), ("2.jpg", "two"), ("2.cls", "0"), ("1.cls", "1"));
        Assert.Contains("1 image has no label: 1\n1 label has no image beside it, which must lie next to each other "
            + "(tar --sort=name): 1", Open("a.tar").Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Of_half_labelled_shards_the_image_without_a_label_is_named()
    {
        TarShards half = new(Fixture.Path("tars", "half.tar"));

        Assert.Equal(1, Labels(half.Shards[0]).Count(label => label is null));
        Assert.Contains("1 image has no label: ", half.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Other_endings_are_read_when_they_are_named_and_told_when_they_are_not()
    {
        string path = Fixture.Path("tars", "input.tar");
        string message = Assert.Throws<InvalidDataException>(() => new TarShards(path)).Message;
        Assert.Contains(".input.jpg, ", message, StringComparison.Ordinal);
        Assert.Contains("(SourceOptions.Extensions says which)", message, StringComparison.Ordinal);
        int?[] labels = Labels(path, new() { Extensions = [".input.jpg"], LabelExtensions = [".target.cls"] });
        Assert.Equal(Enumerable.Repeat<int?>(0, 8), labels);

        ShardFile.Write(folder, "a.tar", ("1.b.json", """{"cls": 2}"""), ("1.a.txt", "1"), ("1.in.png", "one"), ("1.jpg", "mask"));
        TarShards shards = Open("a.tar", new() { Extensions = [".in.png"], LabelExtensions = [".a.txt", ".b.json"] });
        Assert.Equal([("one", 1)], Read(shards));
        Assert.Contains(
            "left out: 1 entry that is neither image nor label: 1.jpg", shards.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Endings_that_are_none_are_refused()
    {
        SourceOptions options = new() { Extensions = [], LabelExtensions = ["cls"] };

        Assert.Equal(
            "SourceOptions: Extensions is []; expected at least one ending, such as .jpg. LabelExtensions is ['cls']; expected a dot "
            + "and what follows it in lower case, such as .jpg.", Assert.Throws<ArgumentException>(options.Validate).Message);
    }

    [Fact]
    public void Links_and_sparse_files_are_passed_over_by_name_and_what_follows_is_read()
    {
        OddTar tar = new(new Random(1));
        tar.Add("1.jpg", '0', "one"u8.ToArray());
        tar.Add("2.jpg", '1', [], claimedSize: 5000);
        tar.Add("1.cls", '0', "3"u8.ToArray());
        tar.Add("3.jpg", 'S', new byte[600], mapBlocks: 2);
        tar.Add("folder/", '\0', []);
        tar.Add("4.jpg", '0', "four"u8.ToArray());
        TarShards shards = new(folder.Write("a.tar", tar.End(2)), ByteDecoder.Options);

        Assert.Equal([("one", 3), ("four", null)], Read(shards));
        Assert.Contains("left out: 2 entries that are neither images nor labels: 2.jpg (link), 3.jpg (sparse file)", shards.Told(),
            StringComparison.Ordinal);
        Assert.Equal(0, shards.Errors.Count);
    }

    [Fact]
    public void A_second_archive_behind_the_first_one_s_end_is_an_error_and_not_nothing()
    {
        string first = ShardFile.Write(folder, "a.tar", ("1.jpg", "one")), second = ShardFile.Write(folder, "b.tar", ("2.jpg", "two"));
        folder.Write("c.tar", [.. File.ReadAllBytes(first), .. new byte[9000 / 512 * 512], .. File.ReadAllBytes(second)]);
        TarShards shards = Open("c.tar");

        Assert.Equal([("one", null)], Read(shards));
        Assert.Contains("Another archive begins here", Assert.Single(shards.Errors.First).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_compressed_shard_among_others_is_named_as_such()
    {
        ShardFile.Write(folder, "a.tar", ("1.jpg", "one"));
        using (GZipStream gzip = new(File.Create(folder.File("b.tar")), CompressionLevel.Fastest))
            gzip.Write(File.ReadAllBytes(folder.File("a.tar")));

        TarShards shards = new(folder.File("*.tar"), ByteDecoder.Options);
        Assert.Equal("Expected a plain tar file, found gzip.", Assert.Single(shards.Errors.First).Reason);
    }

    [Fact]
    public void A_first_name_that_looks_like_a_compressed_file_is_a_name()
    {
        foreach (string name in (string[])["PK1.jpg", "BZh1.jpg"])
        {
            ShardFile.Write(folder, "a.tar", (name, "one"));
            Assert.Equal([("one", null)], Read(Open("a.tar")));
        }
    }

    private TarShards Open(string name, SourceOptions? options = null) =>
        new(folder.File(name), (options ?? new()) with { Decoder = ByteDecoder.Options.Decoder });

    private static int?[] Labels(string path, SourceOptions? options = null) =>
        [.. Read(new TarShards(path, options)).Select(image => image.Item2)];

    private static List<(string, int?)> Read(TarShards shards)
    {
        using IEnumerator<EncodedImage> images = shards.Open(0, 0, false, 0, 1, 0);
        List<(string, int?)> read = [];
        while (images.MoveNext()) read.Add((Encoding.UTF8.GetString(images.Current.Bytes), images.Current.Label));
        return read;
    }
}
