using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class ZipImagesTests : IDisposable
{
    private static readonly string[] Tree =
        ["b x/1.jpg", "b/sub/2.jpg", "b/10.jpg", "b/9.JPG", "ä/3.png", "b/notes.txt", "__MACOSX/b/._9.JPG", "0.jpg", "empty/"];

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.SmallestSize)]
    public void Order_labels_and_bytes_are_those_of_the_folder_unpacked(CompressionLevel level)
    {
        using ImageTree tree = new([.. Tree.Where(name => !name.EndsWith('/'))]);
        using ZipImages zip = new(Write("a.zip", level, Tree), ByteDecoder.Options);
        ImageFolder unpacked = tree.Open();

        Assert.Equal(unpacked.Classes, zip.Classes);
        Assert.Equal(ImageTree.Paths(unpacked), Names(zip));
        Assert.Equal(ImageTree.Labels(unpacked), Enumerable.Range(0, zip.Count).Select(zip.Label));
        EncodedImage file = new();
        for (int i = 0; i < zip.Count; i++)
        {
            zip.ReadFile(i, file);
            Assert.Equal(Content(Names(zip)[i]), Encoding.UTF8.GetString(file.Bytes));
            Assert.Equal(zip.Label(i), file.Label);
        }
        const string Left = "left out: 1 hidden, 1 not named as an image, 1 image beside the class folders";
        Assert.Contains(Left, zip.Told(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_around_all_others_is_no_class_and_parts_inside_open_by_their_name()
    {
        string path = Write("set.ZIP", CompressionLevel.Fastest, "set/train/cat/1.jpg", "set/train/dog/2.jpg", "set/val/dog/3.jpg");

        Assert.True(ImageSources.HasSplits(path));
        using ZipImages train = Assert.IsType<ZipImages>(ImageSources.Open(path)), test
            = Assert.IsType<ZipImages>(ImageSources.Open(path, test: true));
        Assert.Equal((2, 1), (train.Count, test.Count));
        Assert.Equal(["cat", "dog"], train.Classes);
        Assert.Equal($"{path}/val", test.Name);
        Assert.False(ImageSources.HasSplits(Write("one.zip", CompressionLevel.Fastest, "train/cat/1.jpg")));
        using ZipImages single = new(Write("cats.zip", CompressionLevel.Fastest, "cat/1.jpg", "cat/2.jpg"));
        Assert.Equal(["cat"], single.Classes);
    }

    [Fact]
    public void Options_are_those_of_a_folder()
    {
        string path = Write("a.zip", CompressionLevel.Fastest, "cat/1.jpg", "dog/2.photo", "dog/3.jpg", "4.jpg");
        using ZipImages bare = new(path, new SourceOptions { Labels = false });
        using ZipImages some = new(path, new SourceOptions { Extensions = [".photo"], Classes = ["bee", "dog"] });
        Assert.Equal((3, 0, null), (bare.Count, bare.Classes.Count, bare.Label(1)));
        Assert.Equal((1, 2, 1), (some.Count, some.Classes.Count, some.Label(0)));
        Assert.Contains("no image found (left out: 4 not named as images)", Assert.Throws<FileNotFoundException>(
            () => new ZipImages(path, new SourceOptions { Extensions = [".heic"] })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_threads_read_side_by_side()
    {
        string[] names = [.. Enumerable.Range(0, 200).Select(i => $"{i % 5}/{i:D3}.jpg")];
        using ZipImages zip = new(Write("a.zip", CompressionLevel.Optimal, names), ByteDecoder.Options);
        string[] inside = Names(zip);

        Parallel.For(0, 4000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            EncodedImage file = new();
            int index = i * 7 % zip.Count;
            zip.ReadFile(index, file);
            Assert.Equal(Content(inside[index]), Encoding.UTF8.GetString(file.Bytes));
        });
    }

    [Fact]
    public void Names_with_backslashes_part_folders_and_those_in_the_old_code_page_are_read()
    {
        string path = Write("a.zip", CompressionLevel.Fastest, @"cat\1.jpg", @"caf_\2.jpg");
        byte[] bytes = File.ReadAllBytes(path);
        for (int at = bytes.AsSpan().IndexOf("caf_"u8), next; at < bytes.Length; at += next + 4)
        {
            bytes[at + 3] = 0x82;
            next = bytes.AsSpan(at + 4).IndexOf("caf_"u8);
            if (next < 0) break;
        }
        File.WriteAllBytes(path, bytes);
        using ZipImages zip = new(path);
        Assert.Equal(["café", "cat"], zip.Classes);
    }

    [Fact]
    public void Directories_of_zip64_are_read()
    {
        string path = Write("a.zip", CompressionLevel.NoCompression, "cat/1.jpg", "dog/2.jpg");
        File.WriteAllBytes(path, Wide(File.ReadAllBytes(path)));
        using ZipImages zip = new(path, ByteDecoder.Options);
        ImageBuffer image = new();
        zip.Read(1, image);
        Assert.Equal(Content("dog/2.jpg"), ByteDecoder.Text(image));
    }

    [Theory]
    [InlineData(8, 1, "'cat/1.jpg' is encrypted; expected entries that are stored or deflated, without a password (1 of")]
    [InlineData(10, 9, "'cat/1.jpg' is packed by Deflate64;")]
    [InlineData(10, 93, "'cat/1.jpg' is packed by Zstandard;")]
    public void An_archive_with_an_image_that_cannot_be_unpacked_is_refused_by_its_name(int field, byte value, string message)
    {
        string path = Write("a.zip", CompressionLevel.Fastest, "cat/1.jpg", "dog/2.jpg");
        byte[] bytes = File.ReadAllBytes(path);
        bytes[bytes.AsSpan().IndexOf("PK\u0001\u0002"u8) + field] = value;
        File.WriteAllBytes(path, bytes);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => new ZipImages(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_archive_or_cut_off_is_told_for_what_it_is()
    {
        string path = Write("a.zip", CompressionLevel.Fastest, "cat/1.jpg");
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Contains("can't be read as a zip archive: ",
                Assert.Throws<InvalidDataException>(() => new ZipImages(path)).Message, StringComparison.Ordinal);
        }
        File.WriteAllBytes(path, [0xFF, 0xD8, 0xFF, 0xE0, .. new byte[100]]);
        Assert.EndsWith("(truncated, or no zip); it is a JPEG.",
            Assert.Throws<InvalidDataException>(() => new ZipImages(path)).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new ZipImages(folder.File("none.zip")));
        Assert.Contains("there are two entries 'cat/1.jpg'", Assert.Throws<InvalidDataException>(
            () => new ZipImages(Write("twice.zip", CompressionLevel.Fastest, "cat/1.jpg", "cat/1.jpg"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_ends_in_an_error_of_the_image_and_takes_no_memory()
    {
        string path = Write("a.zip", CompressionLevel.SmallestSize, [.. Enumerable.Range(0, 4).Select(i => $"cat/{i}.jpg")]);
        byte[] whole = File.ReadAllBytes(path);
        Random random = new(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 500; round++)
        {
            byte[] bytes = [.. whole];
            for (int flips = random.Next(1, 4); flips > 0; flips--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(path, bytes);
            try
            {
                using ZipImages zip = new(path, ByteDecoder.Options);
                ImageBuffer image = new();
                for (int i = 0; i < zip.Count; i++)
                {
                    try
                    {
                        zip.Read(i, image);
                    }
                    catch (Exception error) when (error is InvalidDataException or IOException)
                    {
                        Assert.NotEmpty(error.Message);
                    }
                }
            }
            catch (Exception error) when (error is InvalidDataException or FileNotFoundException)
            {
                Assert.Contains("a.zip", error.Message, StringComparison.Ordinal);
            }
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    /// <summary>The same archive with a directory of zip64, and its sizes and places where they do not fit 32 bits.</summary>
    private static byte[] Wide(byte[] zip)
    {
        int end = zip.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        int directory = BinaryPrimitives.ReadInt32LittleEndian(zip.AsSpan(end + 16)), entries = Short(end + 10);
        List<byte> wide = [.. zip[..directory]];
        for (int at = directory; at < end;)
        {
            byte[] entry = zip[at..(at + 46 + Short(at + 28))];
            at += entry.Length + Short(at + 30) + Short(at + 32);
            byte[] extra = [0xAA, 0xBB, 2, 0, 7, 7, 1, 0, 24, 0, .. Long(entry, 24), .. Long(entry, 20), .. Long(entry, 42)];
            foreach (int field in (int[])[20, 24, 42]) entry.AsSpan(field, 4).Fill(0xFF);
            BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(30), (ushort)extra.Length);
            wide.AddRange([.. entry, .. extra]);
        }
        int length = wide.Count - directory, at64 = wide.Count;
        byte[] end64 = [.. "PK\u0006\u0006"u8, 44, .. new byte[51]];
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(32), entries);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(40), length);
        BinaryPrimitives.WriteInt64LittleEndian(end64.AsSpan(48), directory);
        byte[] locator = [.. "PK\u0006\u0007"u8, .. new byte[16]];
        BinaryPrimitives.WriteInt64LittleEndian(locator.AsSpan(8), at64);
        byte[] last = [.. "PK\u0005\u0006"u8, 0, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 12), 0, 0];
        return [.. wide, .. end64, .. locator, .. last];

        int Short(int at) => BinaryPrimitives.ReadUInt16LittleEndian(zip.AsSpan(at));

        static byte[] Long(byte[] entry, int at) => [.. entry[at..(at + 4)], 0, 0, 0, 0];
    }

    private static string[] Names(ZipImages zip) =>
        [.. Enumerable.Range(0, zip.Count).Select(i => zip.Locate(i)[(zip.Name.Length + 1)..])];

    private static string Content(string name) => string.Concat(Enumerable.Repeat(name, 40));

    private string Write(string name, CompressionLevel level, params string[] entries)
    {
        using ZipArchive archive = new(File.Create(folder.File(name)), ZipArchiveMode.Create);
        foreach (string entry in entries)
        {
            using Stream stream = archive.CreateEntry(entry, level).Open();
            if (!entry.EndsWith('/')) stream.Write(Encoding.UTF8.GetBytes(Content(entry)));
        }
        return folder.File(name);
    }
}
