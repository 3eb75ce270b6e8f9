using System.Buffers.Binary;
using System.IO.Compression;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class IdxImagesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("train-images-idx3-ubyte", "train-labels-idx1-ubyte", false, false)]
    [InlineData("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz", false, true)]
    [InlineData("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte", true, false)]
    [InlineData("t10k-images.idx3-ubyte.gz", "t10k-labels-idx1-ubyte", true, true)]
    public void A_folder_is_read_under_every_usual_spelling(string images, string labels, bool test, bool zipped)
    {
        folder.Write(images, zipped ? Gzip(Images(3, 2, 4)) : Images(3, 2, 4));
        folder.Write(labels, Labels(0, 2, 1));

        IdxImages source = IdxImages.Load(folder.Path, test ? ImageSplit.Test : ImageSplit.Train);

        Assert.Equal((3, 2, 4, 1), (source.Count, source.Height, source.Width, source.Channels));
        Assert.Equal([0, 2, 1], Enumerable.Range(0, 3).Select(i => source.Label(i)!.Value));
        Assert.Equal(["0", "1", "2"], source.Classes);
        ImageBuffer buffer = new();
        source.Read(1, buffer);
        Assert.Equal((4, 2, 1), (buffer.Width, buffer.Height, buffer.Channels));
        Assert.Equal([8, 9, 10, 11, 12, 13, 14, 15], buffer.Pixels.ToArray());
    }

    [Fact]
    public void Images_without_a_labels_file_have_no_labels_and_no_classes()
    {
        folder.Write("train-images-idx3-ubyte", Images(3, 2, 2));

        IdxImages source = IdxImages.Load(folder.Path, ImageSplit.Train);

        Assert.Null(source.Label(2));
        Assert.Empty(source.Classes);
    }

    [Fact]
    public void Class_names_are_taken_over_and_must_cover_every_label()
    {
        string images = folder.Write("i", Images(2, 1, 1));
        string labels = folder.Write("l", Labels(9, 0));

        Assert.Equal("Ankle boot", ImageSources.OpenIdx(images, labels, IdxImages.FashionMnistClasses).Classes[9]);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxImages.Load(images, labels, ["cat", "dog"]));
        Assert.Equal($"{labels}: expected labels 0 to 1 for 2 class names, found 9 at image 0.", error.Message);
    }

    [Fact]
    public void Missing_folders_and_files_are_named()
    {
        Assert.Contains(
            "nowhere", Assert.Throws<DirectoryNotFoundException>(() => IdxImages.Load("nowhere", ImageSplit.Train)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "t10k-images.idx3-ubyte.gz", Assert.Throws<FileNotFoundException>(() => IdxImages.Load(folder.Path, ImageSplit.Test)).Message,
            StringComparison.Ordinal);
        string images = folder.Write("i", Images(1, 1, 1));
        Assert.Contains(
            "no-labels", Assert.Throws<FileNotFoundException>(() => IdxImages.Load(images, folder.File("no-labels"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_of_a_file_says_what_was_expected_and_found()
    {
        byte[] good = Images(3, 2, 2);
        Refuses([], "expected an IDX header of 16 bytes, found a file of 0");
        Refuses(good[..10], "expected an IDX header of 16 bytes, found a file of 10");
        Refuses(Labels(1, 2, 3), "expected IDX magic 0x00000803 (unsigned bytes, 3 dimensions: images), found 0x00000801");
        Refuses(With(good, 2, 0x0D), "found 0x00000D03");
        Refuses("version https://git-lfs.github.com/spec/v1\n"u8.ToArray(), "found 0x76657273; it is a Git-LFS pointer");
        Refuses(good[..^1], "3×2×2 needs a file of 28 bytes, found 27");
        Refuses([.. good, 0], "3×2×2 needs a file of 28 bytes, found 29");
        Refuses(Header(3, 0, 2), "dimension 1 of images must be 1 to 2147483647, found 0");
        Refuses(Header(3, -1, 2), "found 4294967295");
        Refuses(Header(int.MaxValue, 28, 28), "2147483647×28×28 is 1683627179248 bytes of images");
    }

    [Fact]
    public void Every_error_of_a_gzip_file_says_what_was_expected_and_found()
    {
        byte[] good = Images(3, 20, 20);
        Refuses(Gzip(good[..^1]), "3×20×20 needs 1200 bytes of images, found 1199");
        Refuses(Gzip([.. good, 0]), "3×20×20 needs 1200 bytes of images, found more");
        Refuses(Gzip(Header(60_000, 1_000, 30)), "more than a gzip file of");
        Refuses([0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], "");
        Refuses(Gzip(good)[..30], "");
    }

    [Fact]
    public void A_gzip_bomb_is_refused_without_unpacking_it()
    {
        // Some kilobytes of deflate that unpack to 64 megabytes of zeros behind an honest header of one pixel.
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(Images(1, 1, 1));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 64; i++) gzip.Write(zeros);
        }
        string path = folder.Write("bomb", packed.ToArray());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<InvalidDataException>(() => IdxImages.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Labels_and_images_must_be_equally_many()
    {
        string images = folder.Write("i", Images(3, 2, 2));
        string labels = folder.Write("l", Labels(1, 2));

        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxImages.Load(images, labels));

        Assert.Equal($"{labels}: expected 3 labels, one for each image of {images}, found 2.", error.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void A_number_that_is_no_image_s_is_refused(int index)
    {
        IdxImages source = IdxImages.Load(folder.Write("i", Images(2, 1, 1)));

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(index, new ImageBuffer()));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Label(index));
    }

    private void Refuses(byte[] content, string because)
    {
        string path = folder.Write("bad", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => IdxImages.Load(path));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    private static byte[] Header(params int[] dimensions)
    {
        byte[] header = new byte[4 + (4 * dimensions.Length)];
        (header[2], header[3]) = (8, (byte)dimensions.Length);
        for (int i = 0; i < dimensions.Length; i++) BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + (4 * i)), dimensions[i]);
        return header;
    }

    private static byte[] Images(int count, int height, int width) =>
        [.. Header(count, height, width), .. Enumerable.Range(0, count * height * width).Select(value => (byte)value)];

    private static byte[] Labels(params byte[] labels) => [.. Header(labels.Length), .. labels];

    private static byte[] With(byte[] content, int at, byte value)
    {
        byte[] changed = [.. content];
        changed[at] = value;
        return changed;
    }

    private static byte[] Gzip(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest))
            gzip.Write(content);
        return packed.ToArray();
    }
}
