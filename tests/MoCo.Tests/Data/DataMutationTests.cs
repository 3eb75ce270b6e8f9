using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using MoCo.Data;
using MoCo.Imaging;
using MoCo.Tests.Imaging;

namespace MoCo.Tests.Data;

/// <summary>Damaged data: whatever is in a file or a folder, it is read or refused, in little time and memory.</summary>
public sealed class DataMutationTests : IDisposable
{
    private const long MostBytes = 64 << 20;

    private static readonly int Count = MutationCount.Or(500);

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Shards_are_read_or_refused()
    {
        TarEntryFormat[] formats = [TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Gnu, TarEntryFormat.Pax];
        byte[][] files = [.. formats.Select(Shard), .. Enumerable.Range(0, 12).Select(OddTar.Make)];
        int read = 0;
        for (int index = 0; index < Count; index++)
        {
            byte[] file = Mutations.Mutate(files, index, "tar");
            if (index % 3 != 0) CorrectChecksums(file);
            string path = folder.Write("a.tar", file);
            Limited(index, () =>
            {
                TarShards shards = new(path, ByteDecoder.Options);
                read += shards.Drain().Count;
                _ = shards.Told();
            });
        }
        Assert.True(read > Count / 2, $"{read} images of {Count} files");
    }

    [Fact]
    public void Files_of_the_MNIST_family_are_read_or_refused()
    {
        byte[] images = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 4, 0, 0, 0, 3, .. new byte[60]], labels = [0, 0, 8, 1, 0, 0, 0, 5, 0, 1, 2, 1, 0];
        byte[][] files = [images, Zipped(images), Zipped(new byte[200_000]), labels, Zipped(labels)];
        int read = 0;
        for (int index = 0; index < Count; index++)
        {
            int which = index % files.Length;
            byte[] file = Mutations.Mutate(files, index, "idx");
            string image = folder.Write("images", which < 3 ? file : images), label = folder.Write("labels", which < 3 ? labels : file);
            Limited(index, () =>
            {
                IdxImages source = IdxImages.Load(image, label);
                ReadAll(source);
                read++;
            });
        }
        Assert.InRange(read, 1, Count - 1);
    }

    [Fact]
    public void Files_of_CIFAR_are_read_or_refused()
    {
        byte[] ten = [.. Enumerable.Range(0, 3).SelectMany(label => (byte[])[(byte)label, .. new byte[3072]])];
        byte[] hundred = [.. Enumerable.Range(0, 2).SelectMany(label => (byte[])[(byte)label, (byte)(90 + label), .. new byte[3072]])];
        byte[] names = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10).Select(i => $"class {i}\n")));
        byte[][] files = [ten, hundred, names];
        int read = 0;
        for (int index = 0; index < Count; index++)
        {
            byte[] file = Mutations.Mutate(files, index, "cifar");
            string at = Directory.CreateDirectory(folder.File($"{index % files.Length}")).FullName;
            File.WriteAllBytes(Path.Combine(at, "test_batch.bin"), index % 3 == 0 ? file : ten);
            File.WriteAllBytes(Path.Combine(at, "batches.meta.txt"), index % 3 == 2 ? file : names);
            if (index % 3 == 1)
            {
                File.Delete(Path.Combine(at, "test_batch.bin"));
                File.WriteAllBytes(Path.Combine(at, "test.bin"), file);
            }
            Limited(index, () =>
            {
                ReadAll(CifarBinary.Load(at, ImageSplit.Test));
                read++;
            });
        }
        Assert.InRange(read, 1, Count - 1);
    }

    [Fact]
    public void Folders_that_change_at_random_are_read_or_refused()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links are for administrators only on Windows.");
        Random random = new(5);
        using ImageTree tree = new("a/1.jpg", "b/2.jpg");
        int read = 0;
        for (int index = 0; index < Count; index++)
        {
            Change(tree, random);
            // Otherwise it would grow for ever.
            if (index % 40 == 39)
            {
                Directory.Delete(tree.Root, recursive: true);
                tree.Add("a/1.jpg");
            }
            Limited(index, () =>
            {
                bool? labels = random.Next(3) switch { 0 => null, 1 => true, _ => false };
                SourceOptions options = ByteDecoder.Options with { Labels = labels, EachFileOnce = random.Next(2) == 0 };
                ImageFolder source = new(tree.Root, options);
                // And once more between looking and reading.
                if (random.Next(2) == 0) Change(tree, random);
                ReadAll(source);
                _ = source.Told();
                read++;
            });
        }
        Assert.InRange(read, Count / 2, Count);
    }

    private static void Change(ImageTree tree, Random random)
    {
        string[] names = ["1.jpg", "2.png", ".hidden.jpg", "猫.gif", "x", "notes.txt", "é.webp", "._1.jpg"];
        string[] folders = ["", "a", "b", "a/deep", "b/😀", "__MACOSX", ".cache", "c"];
        string at = tree.At(Path.Combine(folders[random.Next(folders.Length)], names[random.Next(names.Length)]));
        string other = tree.At(folders[random.Next(folders.Length)]);
        try
        {
            switch (random.Next(9))
            {
                case 0 or 1 or 2:
                    tree.Add(at);
                    break;
                case 3:
                    File.Delete(at);
                    break;
                case 4:
                    File.CreateSymbolicLink(at, other + "/1.jpg");
                    break;
                case 5:
                    Directory.CreateSymbolicLink(at, random.Next(2) == 0 ? other : "..");
                    break;
                case 6:
                    Directory.CreateDirectory(at);
                    break;
                case 7:
                    // A file with a hole.
                    using (FileStream file = File.Create(at)) file.SetLength(random.Next(1 << 20));
                    break;
                default:
                    if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(at, (UnixFileMode)random.Next(512));
                    break;
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What stands there stays.
        }
    }

    private static void ReadAll(IImageSource source)
    {
        ImageBuffer buffer = new();
        for (int index = 0; index < source.Count; index++)
        {
            Assert.InRange(source.Label(index) ?? 0, 0, Math.Max(0, source.Classes.Count - 1));
            try
            {
                source.Read(index, buffer);
            }
            catch (Exception error) when (error is InvalidDataException or IOException)
            {
                Assert.NotEmpty(error.Message);
            }
        }
    }

    /// <summary>Any other exception is the library's error.</summary>
    private static void Limited(int index, Action read)
    {
        (long start, long before) = (Stopwatch.GetTimestamp(), GC.GetAllocatedBytesForCurrentThread());
        try
        {
            read();
        }
        catch (Exception error) when (error is InvalidDataException or IOException)
        {
            Assert.NotEmpty(error.Message);
        }
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < MostBytes, $"number {index} takes {bytes} bytes");
        Assert.True(Stopwatch.GetElapsedTime(start).TotalSeconds < 5, $"number {index} takes {Stopwatch.GetElapsedTime(start)}");
    }

    private byte[] Shard(TarEntryFormat format) => File.ReadAllBytes(ShardFile.Write(folder, "good.tar", format,
        ("1.cls", "0"), ("1.jpg", "one"), ("folder/2.jpg", "two"), ("folder/2.json", """{"label": 2}"""), ("3.png", new string('p', 900))));

    private static byte[] Zipped(byte[] content)
    {
        using MemoryStream zipped = new();
        using (GZipStream gzip = new(zipped, CompressionLevel.Optimal)) gzip.Write(content);
        return zipped.ToArray();
    }

    /// <summary>Gives every block that was a header a checksum that fits, so that what lies behind it is reached.</summary>
    private static void CorrectChecksums(Span<byte> file)
    {
        for (; file.Length >= 512; file = file[512..])
        {
            Span<byte> field = file.Slice(148, 8);
            if (!field.EndsWith("\0 "u8)) continue;
            field.Fill((byte)' ');
            int sum = 0;
            foreach (byte value in file[..512]) sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(field);
        }
    }
}
