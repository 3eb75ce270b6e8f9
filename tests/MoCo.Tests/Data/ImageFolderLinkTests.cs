using System.Runtime.InteropServices;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed partial class ImageFolderLinkTests
{
    [Fact]
    public void Links_to_files_and_folders_are_followed()
    {
        using ImageTree tree = Linked("a/1.jpg", "b/2.jpg");
        using ImageTree outside = new("x/9.jpg");
        File.CreateSymbolicLink(tree.At("b/0.jpg"), tree.At("a/1.jpg"));
        Directory.CreateSymbolicLink(tree.At("b/out"), outside.Root);
        Directory.CreateSymbolicLink(tree.At("c"), tree.At("a"));

        ImageFolder source = tree.Open();

        Assert.Equal(["a", "b", "c"], source.Classes);
        Assert.Equal(["a/1.jpg", "b/0.jpg", "b/2.jpg", "b/out/x/9.jpg", "c/1.jpg"], ImageTree.Paths(source));
        Assert.Equal(0, source.Ignored.Total);
    }

    [Fact]
    public void A_link_that_leads_nowhere_is_named_when_it_is_read_and_one_that_is_mended_later_is_read()
    {
        using ImageTree tree = Linked("a/1.jpg");
        File.CreateSymbolicLink(tree.At("a/2.jpg"), tree.At("nowhere"));
        File.CreateSymbolicLink(tree.At("a/folder"), tree.At("nowhere"));

        ImageFolder source = tree.Open();

        Assert.Equal(["a/1.jpg", "a/2.jpg"], ImageTree.Paths(source));
        Assert.Equal(1, source.Ignored.OtherKinds);
        Assert.Contains(
            "nowhere", Assert.Throws<FileNotFoundException>(() => source.Read(1, new ImageBuffer())).Message, StringComparison.Ordinal);
        tree.Add("nowhere");
        source.Read(1, new ImageBuffer());
    }

    [Fact]
    public void Links_through_links_and_parent_folders_lead_to_one_folder()
    {
        using ImageTree tree = Linked("a/deep/1.jpg", "b/2.jpg");
        Directory.CreateSymbolicLink(tree.At("b/far"), tree.At("a/deep"));
        // By the text alone this would be b/deep, which does not exist.
        Directory.CreateSymbolicLink(tree.At("b/near"), "far/../deep");
        Directory.CreateSymbolicLink(tree.At("b/self"), "self");

        ImageFolder source = tree.Open();

        Assert.Equal(["a/deep/1.jpg", "b/2.jpg", "b/far/1.jpg"], ImageTree.Paths(source));
        Assert.Equal((1, 1), (source.Ignored.RepeatedFolders, source.Ignored.OtherKinds));
    }

    [Fact]
    public void A_folder_reached_through_a_link_is_not_met_again_from_within()
    {
        using ImageTree tree = Linked("a/1.jpg");
        using ImageTree elsewhere = new();
        Directory.CreateSymbolicLink(elsewhere.At("link"), tree.Root);
        Directory.CreateSymbolicLink(tree.At("a/up"), tree.Root);

        ImageFolder source = new(elsewhere.At("link"), ByteDecoder.Options);

        Assert.Equal(1, source.Count);
        Assert.Equal(1, source.Ignored.RepeatedFolders);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Loops_end(bool labels)
    {
        using ImageTree tree = Linked("a/1.jpg", "a/deep/2.jpg", "b/3.jpg");
        Directory.CreateSymbolicLink(tree.At("a/deep/up"), tree.At("a"));
        Directory.CreateSymbolicLink(tree.At("a/root"), tree.Root);
        Directory.CreateSymbolicLink(tree.At("b/self"), "../b");

        ImageFolder source = tree.Open(labels);

        Assert.Equal(["a/1.jpg", "a/deep/2.jpg", "b/3.jpg"], ImageTree.Paths(source));
        Assert.Equal(3, source.Ignored.RepeatedFolders);
    }

    [Fact]
    public void A_ladder_of_links_is_climbed_once()
    {
        // Two ways from each rung to the next: 2³⁰ paths, 31 folders.
        using ImageTree tree = Linked("a/0/1.jpg");
        for (int rung = 1; rung <= 30; rung++)
        {
            tree.Add($"a/{rung}/{rung}.jpg");
            Directory.CreateSymbolicLink(tree.At($"a/{rung}/left"), tree.At($"a/{rung - 1}"));
            Directory.CreateSymbolicLink(tree.At($"a/{rung}/right"), tree.At($"a/{rung - 1}"));
        }
        Assert.Equal(31, tree.Open().Count);
    }

    [Fact]
    public void An_image_under_several_names_is_taken_once_where_it_is_asked_for()
    {
        using ImageTree tree = Linked("a/1.jpg", "a/2.jpg", "b/3.jpg");
        using ImageTree outside = new("x/9.jpg");
        File.CreateSymbolicLink(tree.At("a/0.jpg"), "1.jpg");
        File.CreateSymbolicLink(tree.At("b/2.jpg"), tree.At("a/2.jpg"));
        File.CreateSymbolicLink(tree.At("b/out.jpg"), outside.At("x/9.jpg"));
        File.CreateSymbolicLink(tree.At("b/out2.jpg"), "out.jpg");
        File.CreateSymbolicLink(tree.At("b/nowhere.jpg"), "nothing");
        if (OperatingSystem.IsLinux()) Assert.Equal(0, HardLink(tree.At("b/3.jpg"), tree.At("b/4.jpg")));

        ImageFolder all = tree.Open(), once = new(tree.Root, ByteDecoder.Options with { EachFileOnce = true });

        Assert.Equal(OperatingSystem.IsLinux() ? 9 : 8, all.Count);
        Assert.Equal(["a/1.jpg", "a/2.jpg", "b/3.jpg", "b/nowhere.jpg", "b/out.jpg"], ImageTree.Paths(once));
        Assert.Equal([0, 0, 1, 1, 1], ImageTree.Labels(once));
        Assert.Equal(all.Count - 5, once.Ignored.RepeatedFiles);
        Assert.Contains("links to images that are here already", once.Told(), StringComparison.Ordinal);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int HardLink(string file, string name);

    private static ImageTree Linked(params string[] files)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows makes links for administrators only.");
        return new ImageTree(files);
    }
}
