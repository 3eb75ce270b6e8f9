extern alias library;
using library::MoCo.Files;

namespace MoCo.Tests.Files;

public sealed class AtomicFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_write_replaces_the_file_and_leaves_no_other()
    {
        string path = folder.File("a");
        AtomicFile.Write(path, stream => stream.Write([1, 2, 3]));
        AtomicFile.Write(path, stream => stream.Write([4]));
        Assert.Equal([4], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_missing_folder_is_made()
    {
        string path = folder.File(Path.Combine("x", "y", "z"));
        AtomicFile.Write(path, stream => stream.WriteByte(1));
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000_000)]
    public void A_write_that_fails_part_way_leaves_the_old_file_whole_and_no_other(int bytesWritten)
    {
        string path = folder.Write("a", [1, 2, 3]);
        IOException e = Assert.Throws<IOException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[bytesWritten]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal("No space left on device", e.Message);
        Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Until_the_write_is_done_readers_see_the_old_file()
    {
        string path = folder.Write("a", [1, 2, 3]);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(new byte[3_000_000]);
            stream.Flush();
            Assert.Equal([1, 2, 3], File.ReadAllBytes(path));
        });
        Assert.Equal(3_000_000, new FileInfo(path).Length);
    }

    [Fact]
    public void A_folder_that_is_a_file_is_an_IOException()
    {
        string path = folder.Write("a", [1]);
        Assert.ThrowsAny<IOException>(() => AtomicFile.Write(Path.Combine(path, "b"), _ => Assert.Fail("nothing may be written")));
        Assert.Equal([1], File.ReadAllBytes(path));
    }
}
