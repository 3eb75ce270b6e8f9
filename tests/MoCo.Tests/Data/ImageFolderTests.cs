using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageFolderTests
{
    [Fact]
    public void First_level_folders_are_the_classes_in_ordinal_order()
    {
        using ImageTree tree = new("b/2.jpg", "b/1.png", "a b/x.webp", "a/deep/er/9.jpg", "a/z.JPEG", "B/0.gif");

        ImageFolder source = tree.Open();

        Assert.Equal(["B", "a", "a b", "b"], source.Classes);
        Assert.Equal(["B/0.gif", "a/z.JPEG", "a/deep/er/9.jpg", "a b/x.webp", "b/1.png", "b/2.jpg"], ImageTree.Paths(source));
        Assert.Equal([0, 1, 1, 2, 3, 3], ImageTree.Labels(source));
        Assert.Equal(3, source.Channels);
    }

    [Fact]
    public void An_image_s_content_is_the_file_s_and_its_path_is_told()
    {
        using ImageTree tree = new("a/1.jpg", "b/c/2.jpg");
        ImageFolder source = tree.Open();
        ImageBuffer buffer = new();

        source.Read(1, buffer);

        Assert.EndsWith("b/c/2.jpg", ByteDecoder.Text(buffer), StringComparison.Ordinal);
        Assert.Equal(tree.At("b/c/2.jpg"), source.Locate(1));
        EncodedImage file = new();
        file.ReadFile(source.Locate(1));
        Assert.Equal(File.ReadAllBytes(source.Locate(1)), file.Bytes.ToArray());
        Assert.Equal(source.Locate(1), file.Location);
    }

    [Fact]
    public void A_folder_without_class_folders_has_no_labels()
    {
        using ImageTree tree = new("2.jpg", "1.jpg", "notes/readme.txt");

        ImageFolder source = tree.Open();

        Assert.Equal(["1.jpg", "2.jpg"], ImageTree.Paths(source));
        Assert.Equal([null, null], ImageTree.Labels(source));
        Assert.Empty(source.Classes);
    }

    [Fact]
    public void Images_beside_class_folders_are_left_out_and_counted_unless_labels_are_refused()
    {
        using ImageTree tree = new("a/1.jpg", "stray.jpg", "c/d/2.jpg");

        Assert.Equal(["a/1.jpg", "c/d/2.jpg"], ImageTree.Paths(tree.Open()));
        Assert.Equal(1, tree.Open().Ignored.Unlabelled);
        ImageFolder all = tree.Open(labels: false);
        Assert.Equal(["stray.jpg", "a/1.jpg", "c/d/2.jpg"], ImageTree.Paths(all));
        Assert.Equal([null, null, null], ImageTree.Labels(all));
    }

    [Fact]
    public void A_first_level_folder_without_images_is_no_class_and_is_named()
    {
        using ImageTree tree = new("a/1.jpg", "c/2.jpg", "__MACOSX/a/._1.jpg", "run/metrics.csv", "run/checkpoints/last.ckpt");
        Directory.CreateDirectory(tree.At("b"));

        ImageFolder source = tree.Open();

        Assert.Equal(["a", "c"], source.Classes);
        Assert.Equal([0, 1], ImageTree.Labels(source));
        Assert.Contains(
            "folders that are no classes, since they have no images or are not among those named: __MACOSX, b, run", source.Told(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Classes_that_are_named_keep_their_labels_whatever_the_folder_has()
    {
        using ImageTree tree = new("a/1.jpg", "c/2.jpg", "d/3.jpg");
        Directory.CreateDirectory(tree.At("b"));
        ImageFolder source = new(tree.Root, ByteDecoder.Options with { Classes = ["c", "b", "a", "e"] });

        Assert.Equal(["c", "b", "a", "e"], source.Classes);
        Assert.Equal(["a/1.jpg", "c/2.jpg"], ImageTree.Paths(source));
        Assert.Equal([2, 0], ImageTree.Labels(source));
        Assert.Contains("classes without images: b, e", source.Told(), StringComparison.Ordinal);
        Assert.EndsWith("not among those named: b, d", source.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_version_0_1_left_in_a_folder_is_no_class_and_is_named()
    {
        using ImageTree tree = new("a/1.jpg", "b/2.jpg", ".moco-index/index");

        ImageFolder source = tree.Open();

        Assert.Equal(["a", "b"], source.Classes);
        Assert.Contains(".moco-index, which version 0.1 wrote here, is not used any more", source.Told(), StringComparison.Ordinal);
        Directory.Delete(tree.At(".moco-index"), recursive: true);
        Assert.DoesNotContain("0.1", tree.Open().Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void Hidden_files_and_other_kinds_are_left_out_and_counted()
    {
        using ImageTree tree = new("a/1.jpg", "a/.hidden.jpg", ".cache/2.jpg", "a/notes.txt", "a/jpg", "b/Thumbs.db", ".DS_Store");

        ImageFolder source = tree.Open();

        Assert.Equal(["a/1.jpg"], ImageTree.Paths(source));
        Assert.Equal((3, 3), (source.Ignored.Hidden, source.Ignored.OtherKinds));
        Assert.Equal(6, source.Ignored.Total);
    }

    [Fact]
    public void Names_of_every_script_are_read_in_the_order_of_their_code_points()
    {
        // U+FF21 sorts before the emoji by code point, behind it by UTF-16.
        using ImageTree tree = new("猫/写真 1.jpg", "chien/été.jpg", "Ａ/1.jpg", "😀/1.jpg");

        ImageFolder source = tree.Open();

        Assert.Equal(["chien", "猫", "Ａ", "😀"], source.Classes);
        ImageBuffer buffer = new();
        for (int i = 0; i < source.Count; i++) source.Read(i, buffer);
    }

    [Fact]
    public void A_name_that_is_no_UTF8_is_left_out_and_counted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux lets such names be.");
        using ImageTree tree = new("a/1.jpg", "a/\uFFFD.jpg");
        ShellScript.Run(
            "printf content > \"$0/a/$(printf '\\377\\376')x.jpg\"; mkdir \"$0/$(printf '\\303')\" \"$0/a/$(printf '\\303')\"", tree.Root);
        try
        {
            ImageFolder source = tree.Open();

            // U+FFFD, which .NET puts in the place of such bytes, is a good name where it is the file's own.
            Assert.Equal(["a/1.jpg", "a/\uFFFD.jpg"], ImageTree.Paths(source));
            Assert.Equal(["a"], source.Classes);
            Assert.Equal((3, 3), (source.Ignored.InvalidNames, source.Ignored.Total));
            Assert.Contains("left out: 3 with names that are not valid text", source.Told(), StringComparison.Ordinal);
        }
        finally
        {
            // .NET could not even delete them.
            ShellScript.Run("rm -r \"$0\"/*", tree.Root);
        }
    }

    [Fact]
    public void Pipes_are_never_opened()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no pipes in folders.");
        using ImageTree tree = new("a/1.jpg", "a/2.jpg");
        ShellScript.Run("mkfifo \"$0/a/pipe.jpg\" \"$0/a/pipe\"; ln -s pipe.jpg \"$0/a/link.jpg\"", tree.Root);

        ImageFolder source = tree.Open();

        Assert.Equal(["a/1.jpg", "a/2.jpg", "a/link.jpg", "a/pipe.jpg"], ImageTree.Paths(source));
        Assert.Equal((1, 1), (source.Ignored.OtherKinds, source.Ignored.Total));
        // One that takes an image's place later is refused instead of waited for, too.
        File.Delete(tree.At("a/2.jpg"));
        ShellScript.Run("mkfifo \"$0/a/2.jpg\"", tree.Root);
        for (int index = 1; index < 4; index++)
        {
            string message = Assert.Throws<InvalidDataException>(() => source.Read(index, new ImageBuffer())).Message;
            Assert.Contains("no regular file", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Nothing_is_written_into_the_folder()
    {
        using ImageTree tree = new("a/1.jpg", "a/deep/2.jpg", "b/3.jpg", "notes.txt");
        string[] before = Everything();

        foreach (bool? labels in (bool?[])[null, true, false])
        {
            ImageFolder source = tree.Open(labels);
            for (int index = 0; index < source.Count; index++) source.Read(index, new ImageBuffer());
        }
        using ImageTree empty = new("notes.txt");
        Assert.Throws<FileNotFoundException>(() => empty.Open());
        Assert.Equal(before, Everything());
        Assert.Equal([empty.At("notes.txt")], Directory.GetFileSystemEntries(empty.Root));

        string[] Everything() => [.. new DirectoryInfo(tree.Root)
            .EnumerateFileSystemInfos("*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true })
            .Append(new DirectoryInfo(tree.Root))
            .Select(entry => $"{entry.FullName} {entry.LastWriteTimeUtc:O}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void Long_paths_and_names_of_every_script_are_read_like_any_other()
    {
        string deep = string.Join('/', Enumerable.Repeat(new string('d', 200), 7));
        using ImageTree tree = new("a/1.jpg", $"a/{deep}/2.jpg", "a/猫 été 😀.jpg");
        ImageFolder source = tree.Open();
        ImageBuffer buffer = new();

        for (int index = 0; index < 3; index++)
        {
            source.Read(index, buffer);
            Assert.Equal(new FileInfo(source.Locate(index)).Length, buffer.Width);
        }
    }

    [Fact]
    public void Files_that_vanish_or_cannot_be_decoded_are_named_by_what_is_wrong()
    {
        using ImageTree tree = new("a/1.jpg", "a/2.jpg", "a/3.jpg");
        ImageFolder source = tree.Open();
        File.Delete(tree.At("a/1.jpg"));
        File.WriteAllBytes(tree.At("a/2.jpg"), []);
        File.Delete(tree.At("a/3.jpg"));
        Directory.CreateDirectory(tree.At("a/3.jpg"));

        Assert.Equal(tree.At("a/1.jpg"), Assert.Throws<FileNotFoundException>(() => source.Read(0, new ImageBuffer())).FileName);
        Assert.Throws<InvalidDataException>(() => source.Read(1, new ImageBuffer()));
        Assert.Contains(
            tree.At("a/3.jpg"), Assert.ThrowsAny<IOException>(() => source.Read(2, new ImageBuffer())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_images_or_that_does_not_exist_says_so()
    {
        using ImageTree tree = new("a/notes.txt");

        string message = Assert.Throws<FileNotFoundException>(() => tree.Open()).Message;
        Assert.Contains("1 not named as an image", message, StringComparison.Ordinal);
        Assert.Contains(
            "nowhere", Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder("nowhere", ByteDecoder.Options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_of_the_options_is_told_at_once()
    {
        using ImageTree tree = new("a/1.jpg");
        SourceOptions options = new() { Extensions = ["jpg"], ShuffleBuffer = 0 };

        ArgumentException error = Assert.Throws<ArgumentException>(() => new ImageFolder(tree.Root, options));

        Assert.Equal(
            "SourceOptions: Extensions is ['jpg']; expected a dot and what follows it in lower case, such as .jpg. "
            + "ShuffleBuffer is 0; expected 1 to 16777216.", error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_number_that_is_no_image_s_is_refused(int index)
    {
        using ImageTree tree = new("a/1.jpg");
        ImageFolder source = tree.Open();

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(index, new ImageBuffer()));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Label(index));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Locate(index));
    }

    [Fact]
    public void A_warm_reader_allocates_no_memory_for_files()
    {
        using ImageTree tree = new([.. Enumerable.Range(0, 20).Select(i => $"class {i % 3}/{i}.jpg")]);
        for (int i = 0; i < 20; i++) File.WriteAllBytes(tree.At($"class {i % 3}/{i}.jpg"), new byte[100_000]);
        ImageFolder source = tree.Open();
        ImageBuffer buffer = new();
        for (int i = 0; i < 40; i++) source.Read(i % 20, buffer);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 400; i++) source.Read(i % 20, buffer);

        // Elsewhere the path, its facts and the handle.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 400, 0, OperatingSystem.IsLinux() ? 100 : 3_000);
    }
}
