using System.Buffers.Binary;
using System.IO.Compression;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;

namespace MoCo.Tests.Data;

public sealed class ImageSourcesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Another_system_s_notes_on_a_shard_make_no_folder_of_shards()
    {
        using ImageTree tree = new("a/1.jpg", "b/2.jpg", "._photos.tar");

        Assert.IsType<ImageFolder>(ImageSources.Open(tree.Root));
    }

    [Fact]
    public void A_folder_with_class_folders_has_no_parts_and_opens_whole_for_either()
    {
        Add("cat/1.jpg");
        Add("train/1.jpg");

        Assert.False(ImageSources.HasSplits(folder.Path));
        Assert.Equal(["cat", "train"], Open(test: false).Classes);
        Assert.Equal(["cat", "train"], Open(test: true).Classes);
    }

    [Theory]
    [InlineData("val")]
    [InlineData("test")]
    public void Train_and_another_folder_are_parts(string test)
    {
        Add("train/cat/1.jpg");
        Add("train/cat/2.jpg");
        Add($"{test}/cat/3.jpg");

        Assert.True(ImageSources.HasSplits(folder.Path));
        Assert.Equal(2, Assert.IsType<ImageFolder>(Open(test: false)).Count);
        Assert.Equal(1, Assert.IsType<ImageFolder>(Open(test: true)).Count);
    }

    [Fact]
    public void Files_of_the_MNIST_family_open_by_their_part_and_one_file_finds_its_labels()
    {
        folder.Write("train-images-idx3-ubyte", Idx(2));
        folder.Write("train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 0, 1]);

        Assert.False(ImageSources.HasSplits(folder.Path));
        Assert.Equal(2, Assert.IsType<IdxImages>(Open(test: true)).Count);

        folder.Write("t10k-images-idx3-ubyte", Idx(1));
        Assert.True(ImageSources.HasSplits(folder.Path));
        Assert.Equal(1, Assert.IsType<IdxImages>(Open(test: true)).Count);
        Assert.Equal(1, Assert.IsType<IdxImages>(ImageSources.Open(folder.File("train-images-idx3-ubyte"))).Label(1));
    }

    [Fact]
    public void A_path_that_says_fashion_lends_the_class_names_of_Fashion_MNIST()
    {
        Directory.CreateDirectory(folder.File("fashion-mnist"));
        folder.Write("fashion-mnist/train-images-idx3-ubyte", Idx(1));
        folder.Write("fashion-mnist/train-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 9]);

        Assert.Equal("Ankle boot", ImageSources.Open(folder.File("fashion-mnist")).Classes[9]);
    }

    [Fact]
    public void A_folder_of_an_archive_is_opened_by_its_name()
    {
        using (ZipArchive zip = ZipFile.Open(folder.File("a.zip"), ZipArchiveMode.Create))
        {
            foreach (string name in (string[])["north/cat/1.jpg", "north/dog/2.jpg", "south/3.jpg"])
                using (Stream entry = zip.CreateEntry(name).Open()) entry.Write("abc"u8);
        }

        IImageSource north = ImageSources.OpenZip(folder.File("a.zip"), "north");
        using IDisposable opened = Assert.IsType<IDisposable>(north, exactMatch: false);

        Assert.Equal((2, 1), (north.Count, north.Label(1)));
        Assert.Equal(["cat", "dog"], north.Classes);
    }

    [Fact]
    public void CIFAR_s_files_are_found_in_the_archive_s_own_folder()
    {
        Directory.CreateDirectory(folder.File("cifar-100-binary"));
        folder.Write("cifar-100-binary/train.bin", new byte[2 * 3074]);
        folder.Write("cifar-100-binary/test.bin", new byte[3074]);

        Assert.True(ImageSources.HasSplits(folder.Path));
        Assert.Equal(2, Assert.IsType<CifarBinary>(Open(test: false)).Count);
        IImageSet coarse = ImageSources.Open(folder.Path, test: true, new SourceOptions { CoarseLabels = true });
        Assert.Equal((1, 20), (Assert.IsType<CifarBinary>(coarse).Count, coarse.Classes.Count));
    }

    [Fact]
    public void Shards_are_found_by_file_pattern_and_folder_and_split_by_their_names()
    {
        ShardFile.Write(folder, "train-0.tar", ("1.jpg", "a"), ("1.cls", "1"));
        ShardFile.Write(folder, "train-1.tar", ("2.jpg", "b"), ("2.cls", "0"));
        Assert.False(ImageSources.HasSplits(folder.Path));
        Assert.Equal(2, Assert.IsType<TarShards>(Open(test: true)).Count);

        ShardFile.Write(folder, "val-0.tar", ("3.jpg", "c"));
        Assert.True(ImageSources.HasSplits(folder.Path));
        Assert.Equal(2, Assert.IsType<TarShards>(Open(test: false)).Count);
        Assert.Equal(1, Assert.IsType<TarShards>(Open(test: true)).Count);
        Assert.Equal(1, Assert.IsType<TarShards>(ImageSources.Open(folder.File("train-1.tar"))).Count);
        Assert.Equal(2, Assert.IsType<TarShards>(ImageSources.Open(folder.File("train-{0..1}.tar"))).Count);
    }

    [Fact]
    public void What_is_opened_goes_into_both_loaders_whether_it_is_a_source_or_a_stream()
    {
        folder.Write("digits-idx3-ubyte", Idx(5));
        ShardFile.Numbered(folder, [2, 3]);

        foreach (string path in new[] { folder.File("digits-idx3-ubyte"), folder.Path })
        {
            IImageSet images = ImageSources.Open(path, options: ByteDecoder.Options);
            AugmentationRecipe recipe = images.Channels == 1 ? AugmentationRecipe.Grey(4) : AugmentationRecipe.V2(4);
            using TwoCropLoader pairs = new(images, recipe, new() { BatchSize = 2 });
            using SingleViewLoader singles = new(images, recipe, new() { BatchSize = 2 });

            Assert.Equal((5, 5), (pairs.Count, singles.Count));
            Assert.Equal(3, pairs.Epoch(0).Count(batch => BatchRecord.Of(batch).Number >= 0));
        }
    }

    [Fact]
    public void A_loader_refuses_images_that_are_neither_a_source_nor_a_stream()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new TwoCropLoader(new NeitherKind(), AugmentationRecipe.V2(4)));

        Assert.Equal("source", error.ParamName);
        Assert.StartsWith(
            $"odd is of type {typeof(NeitherKind)}; expected an IImageSource or an IImageStream.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_data_set_is_named_with_what_would_be()
    {
        folder.Write("notes.txt", [1]);

        Assert.Contains(
            "expected a folder of images", Assert.Throws<FileNotFoundException>(() => ImageSources.Open(folder.File("notes.txt"))).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "nowhere: no such file or folder", Assert.Throws<DirectoryNotFoundException>(() => ImageSources.Open("nowhere")).Message,
            StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => ImageSources.Open(folder.Path));
        Assert.False(ImageSources.HasSplits("nowhere"));
    }

    private sealed class NeitherKind : IImageSet
    {
        public string Name => "odd";

        public int Channels => 3;

        public IReadOnlyList<string> Classes => [];

        public SourceErrors Errors { get; } = new();
    }

    private static byte[] Idx(int images)
    {
        byte[] file = [0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, .. new byte[images]];
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4), images);
        return file;
    }

    private IImageSet Open(bool test) => ImageSources.Open(folder.Path, test);

    private void Add(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder.File(path))!);
        folder.Write(path, [1]);
    }
}
