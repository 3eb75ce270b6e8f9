using MoCo.Data;
using MoCo.Tests.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageFolderIndexTests : IDisposable
{
    private static readonly string[] Files = ["a/1.jpg", "a/x/2.jpg", "b/3.jpg", "b/notes.txt"];

    private readonly ImageTree tree = new(Files);

    public void Dispose() => tree.Dispose();

    [Fact]
    public void The_second_start_takes_the_index_and_finds_the_same()
    {
        var first = tree.Open(index: true);
        var second = tree.Open(index: true);

        Assert.False(first.FromIndexFile);
        Assert.True(second.FromIndexFile);
        Assert.Equal(ImageTree.Paths(first), ImageTree.Paths(second));
        Assert.Equal(ImageTree.Labels(first), ImageTree.Labels(second));
        Assert.Equal(first.Classes, second.Classes);
        Assert.Equal(first.Ignored, second.Ignored);
    }

    [Theory]
    [InlineData("a/new.jpg")]
    [InlineData("a/x/new.jpg")]
    [InlineData("b/deep/new.jpg")]
    [InlineData("c/new.jpg")]
    public void An_image_that_comes_makes_the_index_stale(string path)
    {
        tree.Open(index: true);
        tree.Add(path);

        var source = tree.Open(index: true);

        Assert.False(source.FromIndexFile);
        Assert.Contains(path, ImageTree.Paths(source));
        Assert.True(tree.Open(index: true).FromIndexFile);
    }

    [Fact]
    public void An_image_or_folder_that_goes_makes_the_index_stale()
    {
        tree.Open(index: true);
        File.Delete(tree.At("a/1.jpg"));
        Assert.Equal(["a/x/2.jpg", "b/3.jpg"], ImageTree.Paths(tree.Open(index: true)));
        Directory.Delete(tree.At("a"), recursive: true);
        Assert.Equal(["b"], tree.Open(index: true).Classes);
    }

    [Fact]
    public void Other_options_have_another_index()
    {
        tree.Open(index: true);

        Assert.False(tree.Open(ImageFolderLabels.None, index: true).FromIndexFile);
        Assert.Empty(tree.Open(ImageFolderLabels.None, index: true).Classes);
    }

    [Fact]
    public void An_index_that_is_switched_off_is_neither_read_nor_written()
    {
        tree.Open();

        Assert.False(Directory.Exists(tree.Cache));
        tree.Open(index: true);
        Assert.False(tree.Open().FromIndexFile);
    }

    [Fact]
    public void Every_changed_byte_and_every_cut_of_the_index_is_noticed()
    {
        var whole = ImageTree.Paths(tree.Open(index: true));
        var file = Assert.Single(Directory.GetFiles(tree.Cache));
        var good = File.ReadAllBytes(file);
        for (var at = 0; at < good.Length; at += 3)
        {
            byte[] bad = [.. good];
            bad[at] ^= 0x41;
            File.WriteAllBytes(file, bad);
            CheckRebuilt();
        }

        for (var length = 0; length < good.Length; length += 7)
        {
            File.WriteAllBytes(file, good[..length]);
            CheckRebuilt();
        }

        File.WriteAllBytes(file, [.. good, 0]);
        CheckRebuilt();

        void CheckRebuilt()
        {
            var source = tree.Open(index: true);
            Assert.False(source.FromIndexFile);
            Assert.Equal(whole, ImageTree.Paths(source));
            Assert.Equal(good, File.ReadAllBytes(file));
        }
    }

    [Fact]
    public void The_index_lies_in_the_folder_itself_and_does_not_make_itself_stale()
    {
        ImageFolder Open() => new(tree.Root, null, new ByteDecoder());

        Assert.False(Open().FromIndexFile);
        Assert.True(Open().FromIndexFile);
        Assert.Equal([tree.At(Path.Combine(".moco-index", "index"))], Directory.GetFiles(tree.At(".moco-index")));
        Assert.Equal(["a", "b"], Open().Classes);
    }

    [Fact]
    public void A_folder_without_images_is_left_as_it_was()
    {
        using var empty = new ImageTree("notes.txt");

        for (var i = 0; i < 2; i++)
            Assert.Contains("left out: 1 no images by name)", Assert.Throws<FileNotFoundException>(() => new ImageFolder(empty.Root, null, new ByteDecoder())).Message, StringComparison.Ordinal);
        Assert.Equal([empty.At("notes.txt")], Directory.GetFileSystemEntries(empty.Root));
    }

    [Fact]
    public void The_index_s_own_folder_is_not_counted_among_the_hidden()
    {
        ImageFolder Open() => new(tree.Root, null, new ByteDecoder());

        Assert.Equal(0, Open().Ignored.Hidden);
        tree.Add("c/new.jpg");
        Assert.Equal(0, Open().Ignored.Hidden);
    }

    [SkippableFact]
    public void A_link_that_leads_somewhere_again_is_noticed()
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need rights there.");
        using var elsewhere = new ImageTree("x/9.jpg");
        Directory.Move(elsewhere.At("x"), elsewhere.At("away"));
        Directory.CreateSymbolicLink(tree.At("b/out"), elsewhere.At("x"));
        Assert.Equal(3, tree.Open(index: true).Count);

        Directory.Move(elsewhere.At("away"), elsewhere.At("x"));

        Assert.Contains("b/out/9.jpg", ImageTree.Paths(tree.Open(index: true)));
        Assert.True(tree.Open(index: true).FromIndexFile);
    }

    [Fact]
    public void Where_the_folder_cannot_be_written_the_user_s_cache_keeps_the_index()
    {
        // A file in the place of the index's folder cannot be written into, not even by an administrator.
        File.WriteAllText(tree.At(".moco-index"), "");
        var before = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", tree.Cache);
        try
        {
            Assert.False(new ImageFolder(tree.Root, null, new ByteDecoder()).FromIndexFile);
            Assert.True(new ImageFolder(tree.Root, null, new ByteDecoder()).FromIndexFile);
            Assert.Single(Directory.GetFiles(Path.Combine(tree.Cache, "moco")));
        }
        finally
        {
            Environment.SetEnvironmentVariable("XDG_CACHE_HOME", before);
        }
    }

    [Fact]
    public void Where_nothing_can_be_written_the_folder_is_read_all_the_same()
    {
        var nowhere = tree.At("b/notes.txt");
        var options = new ImageFolderOptions { IndexFolder = nowhere };

        Assert.Equal(3, new ImageFolder(tree.Root, options, new ByteDecoder()).Count);
        Assert.False(new ImageFolder(tree.Root, options, new ByteDecoder()).FromIndexFile);
    }

    [Fact]
    public void An_image_takes_less_than_a_hundred_bytes()
    {
        using var large = new ImageTree();
        Directory.CreateDirectory(large.At("n01440764"));
        for (var i = 0; i < 5_000; i++)
            File.WriteAllBytes(large.At($"n01440764/n01440764_{i:D5}.JPEG"), []);

        var source = large.Open();

        Assert.Equal(5_000, source.Count);
        Assert.InRange((double)source.IndexBytes / source.Count, 20, 40);
    }
}
