using System.Diagnostics;
using MoCo.Data;
using MoCo.Data.Folder;
using MoCo.Imaging;
using MoCo.Tests.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageFolderTests
{
    [Fact]
    public void First_level_folders_are_the_classes_in_ordinal_order()
    {
        using var tree = new ImageTree("b/2.jpg", "b/1.png", "a b/x.webp", "a/deep/er/9.jpg", "a/z.JPEG", "B/0.gif");

        var source = tree.Open();

        Assert.Equal(["B", "a", "a b", "b"], source.Classes);
        Assert.Equal(["B/0.gif", "a/z.JPEG", "a/deep/er/9.jpg", "a b/x.webp", "b/1.png", "b/2.jpg"], ImageTree.Paths(source));
        Assert.Equal([0, 1, 1, 2, 3, 3], ImageTree.Labels(source));
        Assert.Equal(3, source.Channels);
    }

    [Fact]
    public void An_image_s_content_is_the_file_s_and_its_path_is_told()
    {
        using var tree = new ImageTree("a/1.jpg", "b/c/2.jpg");
        var source = tree.Open();
        var buffer = new ImageBuffer();

        source.Read(1, buffer);

        Assert.EndsWith("b/c/2.jpg", ByteDecoder.Text(buffer), StringComparison.Ordinal);
        Assert.Equal(tree.At("b/c/2.jpg"), source.Locate(1));
        var file = new EncodedImage();
        source.ReadFile(1, file);
        Assert.Equal(File.ReadAllBytes(source.Locate(1)), file.Bytes.ToArray());
        Assert.Equal(1, file.Label);
    }

    [Fact]
    public void A_folder_without_class_folders_has_no_labels()
    {
        using var tree = new ImageTree("2.jpg", "1.jpg", "notes/readme.txt");

        var source = tree.Open();

        Assert.Equal(["1.jpg", "2.jpg"], ImageTree.Paths(source));
        Assert.Equal([null, null], ImageTree.Labels(source));
        Assert.Empty(source.Classes);
    }

    [Fact]
    public void Images_beside_class_folders_are_left_out_and_counted_unless_labels_are_refused()
    {
        using var tree = new ImageTree("a/1.jpg", "stray.jpg", "c/d/2.jpg");

        Assert.Equal(["a/1.jpg", "c/d/2.jpg"], ImageTree.Paths(tree.Open()));
        Assert.Equal(1, tree.Open().Ignored.Unlabelled);
        var all = tree.Open(ImageFolderLabels.None);
        Assert.Equal(["stray.jpg", "a/1.jpg", "c/d/2.jpg"], ImageTree.Paths(all));
        Assert.Equal([null, null, null], ImageTree.Labels(all));
    }

    [Fact]
    public void A_class_folder_without_images_stays_a_class_and_is_named()
    {
        using var tree = new ImageTree("a/1.jpg", "c/2.jpg");
        Directory.CreateDirectory(tree.At("b"));

        var source = tree.Open();

        Assert.Equal(["a", "b", "c"], source.Classes);
        Assert.Equal([0, 2], ImageTree.Labels(source));
        Assert.Contains("classes without images: b", source.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hidden_files_and_other_kinds_are_left_out_and_counted()
    {
        using var tree = new ImageTree("a/1.jpg", "a/.hidden.jpg", ".cache/2.jpg", "a/notes.txt", "a/jpg", "b/Thumbs.db", ".DS_Store");

        var source = tree.Open();

        Assert.Equal(["a/1.jpg"], ImageTree.Paths(source));
        Assert.Equal((3, 3), (source.Ignored.Hidden, source.Ignored.OtherKinds));
        Assert.Equal(6, source.Ignored.Total);
    }

    [Fact]
    public void Names_of_every_script_are_read_in_the_order_of_their_code_points()
    {
        // U+FF21 sorts before the emoji by code point, behind it by UTF-16.
        using var tree = new ImageTree("猫/写真 1.jpg", "chien/été.jpg", "Ａ/1.jpg", "😀/1.jpg");

        var source = tree.Open();

        Assert.Equal(["chien", "猫", "Ａ", "😀"], source.Classes);
        var buffer = new ImageBuffer();
        for (var i = 0; i < source.Count; i++)
            source.Read(i, buffer);
    }

    [SkippableFact]
    public void A_name_that_is_no_UTF8_is_read_too()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux lets such names be.");
        using var tree = new ImageTree("a/1.jpg");
        Shell("printf content > \"$0/a/$(printf '\\377\\376')x.jpg\"", tree.Root);

        var source = tree.Open();

        Assert.Equal(2, source.Count);
        var buffer = new ImageBuffer();
        source.Read(1, buffer);
        Assert.Equal("content", ByteDecoder.Text(buffer));
        Assert.Contains('\uFFFD', source.Locate(1));
        // .NET could not even delete it.
        Shell("rm -r \"$0/a\"", tree.Root);
    }

    [SkippableFact]
    public void Pipes_are_never_opened()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        using var tree = new ImageTree("a/1.jpg", "a/2.jpg");
        Shell("mkfifo \"$0/a/pipe.jpg\"", tree.Root);

        var source = tree.Open();

        Assert.Equal(["a/1.jpg", "a/2.jpg"], ImageTree.Paths(source));
        Assert.Equal(1, source.Ignored.Special);
        // One that takes an image's place later is refused instead of waited for.
        File.Delete(tree.At("a/2.jpg"));
        Shell("mkfifo \"$0/a/2.jpg\"", tree.Root);
        Assert.Contains("no regular file", Assert.ThrowsAny<IOException>(() => source.Read(1, new ImageBuffer())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_that_vanish_or_cannot_be_decoded_are_named_by_what_is_wrong()
    {
        using var tree = new ImageTree("a/1.jpg", "a/2.jpg", "a/3.jpg");
        var source = tree.Open();
        File.Delete(tree.At("a/1.jpg"));
        File.WriteAllBytes(tree.At("a/2.jpg"), []);
        File.Delete(tree.At("a/3.jpg"));
        Directory.CreateDirectory(tree.At("a/3.jpg"));

        Assert.Equal(tree.At("a/1.jpg"), Assert.Throws<FileNotFoundException>(() => source.Read(0, new ImageBuffer())).FileName);
        Assert.Throws<InvalidDataException>(() => source.Read(1, new ImageBuffer()));
        Assert.Contains(tree.At("a/3.jpg"), Assert.ThrowsAny<IOException>(() => source.Read(2, new ImageBuffer())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_or_that_does_not_exist_says_so()
    {
        using var tree = new ImageTree("a/notes.txt");

        Assert.Contains("1 no images by name", Assert.Throws<FileNotFoundException>(() => tree.Open()).Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder("nowhere", null, new ByteDecoder())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_of_the_options_is_told_at_once()
    {
        using var tree = new ImageTree("a/1.jpg");
        var options = new ImageFolderOptions { Labels = (ImageFolderLabels)7, Extensions = ["jpg"], IndexFolder = "" };

        var error = Assert.Throws<ArgumentException>(() => new ImageFolder(tree.Root, options, new ByteDecoder()));

        Assert.Contains("Labels is 7", error.Message, StringComparison.Ordinal);
        Assert.Contains("'jpg'", error.Message, StringComparison.Ordinal);
        Assert.Contains("IndexFolder is empty", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_number_that_is_no_image_s_is_refused(int index)
    {
        using var tree = new ImageTree("a/1.jpg");
        var source = tree.Open();

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(index, new ImageBuffer()));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Label(index));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Locate(index));
    }

    [SkippableFact]
    public void A_warm_reader_allocates_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "Elsewhere .NET's file handles are used.");
        using var tree = new ImageTree([.. Enumerable.Range(0, 20).Select(i => $"class {i % 3}/{i}.jpg")]);
        var source = tree.Open();
        var buffer = new ImageBuffer();
        for (var i = 0; i < 40; i++)
            source.Read(i % 20, buffer);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 400; i++)
            source.Read(i % 20, buffer);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void The_portable_reader_reads_the_same_bytes()
    {
        using var tree = new ImageTree("a/1.jpg");
        EncodedImage ours = new(), portable = new();

        ImageFiles.Read(new Utf8Path(tree.At("a/1.jpg")), ours);
        ImageFiles.ReadPortably(tree.At("a/1.jpg"), portable);

        Assert.Equal(File.ReadAllBytes(tree.At("a/1.jpg")), ours.Bytes.ToArray());
        Assert.Equal(ours.Bytes.ToArray(), portable.Bytes.ToArray());
    }

    private static void Shell(string script, string argument)
    {
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, argument]))!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
