using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class CifarBinaryTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_list_of_names_without_an_end_is_refused_before_it_is_read()
    {
        folder.Write("test_batch.bin", Record([1], 3));
        using (FileStream names = File.Create(folder.File("batches.meta.txt"))) names.SetLength(3L << 30);

        Assert.Contains("found more than 1048576 bytes",
            Assert.Throws<InvalidDataException>(() => CifarBinary.Load(folder.Path, ImageSplit.Test)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Five_training_files_follow_each_other_and_planes_become_pixels()
    {
        for (int file = 1; file <= 5; file++)
            folder.Write($"data_batch_{file}.bin", [.. Record([(byte)file], 10 * file), .. Record([(byte)(file + 4)], (10 * file) + 1)]);
        folder.Write("batches.meta.txt", "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"u8.ToArray());

        CifarBinary source = CifarBinary.Load(folder.Path, ImageSplit.Train);

        Assert.Equal((10, 3), (source.Count, source.Channels));
        Assert.Equal([1, 5, 2, 6, 3, 7, 4, 8, 5, 9], Enumerable.Range(0, 10).Select(i => source.Label(i)!.Value));
        Assert.Equal(("airplane", "truck"), (source.Classes[0], source.Classes[9]));
        ImageBuffer buffer = new();
        source.Read(3, buffer);
        Assert.Equal((32, 32, 3), (buffer.Width, buffer.Height, buffer.Channels));
        for (int i = 0; i < 1024; i++)
            Assert.Equal([Value(21, 0, i), Value(21, 1, i), Value(21, 2, i)], buffer.Pixels.Slice(3 * i, 3).ToArray());
        Assert.Equal($"{folder.File("data_batch_2.bin")}, image 1", source.Locate(3));
    }

    [Theory]
    [InlineData(false, 77, 100)]
    [InlineData(true, 11, 20)]
    public void CIFAR_100_has_two_labels(bool coarse, int expected, int classes)
    {
        folder.Write("test.bin", Record([11, 77], 5));

        CifarBinary source = CifarBinary.Load(folder.Path, ImageSplit.Test, coarse);

        Assert.Equal(expected, source.Label(0));
        Assert.Equal(classes, source.Classes.Count);
        Assert.Equal("3", source.Classes[3]);
        ImageBuffer buffer = new();
        source.Read(0, buffer);
        Assert.Equal([Value(5, 0, 0), Value(5, 1, 0), Value(5, 2, 0)], buffer.Pixels[..3].ToArray());
    }

    [Fact]
    public void The_folder_above_the_archive_s_own_will_do()
    {
        Directory.CreateDirectory(folder.File("cifar-10-batches-bin"));
        folder.Write(Path.Combine("cifar-10-batches-bin", "test_batch.bin"), Record([3], 0));

        Assert.Equal(3, CifarBinary.Load(folder.Path, ImageSplit.Test).Label(0));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Contains(
            "nowhere", Assert.Throws<DirectoryNotFoundException>(() => CifarBinary.Load("nowhere", ImageSplit.Train)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "data_batch_1.bin (CIFAR-10) or train.bin (CIFAR-100)",
            Assert.Throws<FileNotFoundException>(() => CifarBinary.Load(folder.Path, ImageSplit.Train)).Message, StringComparison.Ordinal);
        folder.Write("data_batch_1.bin", Record([3], 0));
        Assert.Contains(
            "data_batch_2.bin", Assert.Throws<FileNotFoundException>(() => CifarBinary.Load(folder.Path, ImageSplit.Train)).FileName,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_error_says_what_was_expected_and_found()
    {
        Refuses([], "expected records of 3073 bytes each, found a file of 0");
        Refuses(Record([3], 0)[..^1], "expected records of 3073 bytes each, found a file of 3072");
        Refuses("<!DOCTYPE html>404"u8.ToArray(), "found a file of 18; it is a web page");
        Refuses([.. Record([3], 0), .. Record([10], 0)], "expected labels 0 to 9, found 10 at image 1");
        folder.Write("batches.meta.txt", "airplane\n"u8.ToArray());
        folder.Write("test_batch.bin", Record([3], 0));
        Assert.Contains(
            "expected 10 class names, a line each, found 1",
            Assert.Throws<InvalidDataException>(() => CifarBinary.Load(folder.Path, ImageSplit.Test)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CifarBinary.Load(folder.Path, ImageSplit.Test, coarse: true));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_number_that_is_no_image_s_is_refused(int index)
    {
        folder.Write("test_batch.bin", Record([3], 0));
        CifarBinary source = CifarBinary.Load(folder.Path, ImageSplit.Test);

        Assert.Throws<ArgumentOutOfRangeException>(() => source.Read(index, new ImageBuffer()));
        Assert.Throws<ArgumentOutOfRangeException>(() => source.Label(index));
    }

    private void Refuses(byte[] content, string because)
    {
        string path = folder.Write("test_batch.bin", content);
        InvalidDataException error = Assert.Throws<InvalidDataException>(() => CifarBinary.Load(folder.Path, ImageSplit.Test));
        Assert.StartsWith(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
    }

    private static byte Value(int image, int channel, int place) => (byte)((image * 7) + (channel * 101) + place);

    private static byte[] Record(byte[] labels, int image) =>
        [.. labels, .. from channel in Enumerable.Range(0, 3) from place in Enumerable.Range(0, 1024) select Value(image, channel, place)];
}
