using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using MoCo.Data;
using MoCo.Data.Folders;

namespace MoCo.Tests.Data.Folders;

public sealed partial class FolderListingTests
{
    private static readonly ImageExtensions Images = new(ImageExtensions.Default);

    [Fact]
    public void A_read_error_is_an_error_that_names_the_folder_not_the_folder_s_end()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The error is made by Linux's dup2.");
        using ImageTree tree = new("a/1.jpg", "notes.txt");
        using SafeFileHandle file = File.OpenHandle(tree.At("notes.txt"));
        using FolderListing listing = new(tree.At("a"), Images);
        // The open folder becomes a file, so that the next read of its entries fails.
        string tail = tree.At("a")[(Path.GetTempPath().Length - 1)..];
        int folder = int.Parse(Path.GetFileName(Directory.GetFileSystemEntries("/proc/self/fd").Single(IsFolder)), null);
        Assert.Equal(folder, Duplicate((int)file.DangerousGetHandle(), folder));

        string message = Assert.ThrowsAny<IOException>(listing.Read).Message;
        Assert.Contains($"{tree.At("a")}: the folder cannot be read to its end", message, StringComparison.Ordinal);

        // The temporary folder's own path may have links in it.
        bool IsFolder(string entry) => new FileInfo(entry).LinkTarget?.EndsWith(tail, StringComparison.Ordinal) == true;
    }

    [Fact]
    public void A_folder_that_cannot_be_opened_is_counted()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "The path is longer than Linux opens.");
        using ImageTree tree = new("a/1.jpg", "b/2.jpg");
        using TemporaryFolder other = new();
        string half = Path.Combine([.. Enumerable.Repeat(new string('d', 250), 9)]);
        Directory.CreateDirectory(tree.At(Path.Combine("a", half)));
        Directory.CreateDirectory(other.File(half));
        Directory.Move(other.File(half[..250]), tree.At(Path.Combine("a", half, "e")));
        try
        {
            ImageFolder source = tree.Open();

            Assert.Equal(["a/1.jpg", "b/2.jpg"], ImageTree.Paths(source));
            Assert.Equal((1, 1), (source.Ignored.UnreadableFolders, source.Ignored.Total));
        }
        finally
        {
            Directory.Move(tree.At(Path.Combine("a", half, "e")), other.File(half[..250]));
        }
    }

    [Fact]
    public void A_root_that_cannot_be_opened_is_an_error()
    {
        using ImageTree tree = new("a/1.jpg");

        foreach (bool? labels in (bool?[])[null, true, false])
        {
            SourceOptions options = new() { Labels = labels };
            string message = Assert.Throws<IOException>(() => new FolderScan(tree.At("a/1.jpg"), options, Images)).Message;
            Assert.Contains(tree.At("a/1.jpg"), message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a", "b", -1)]
    [InlineData("a", "ab", -1)]
    [InlineData("b", "ab", 1)]
    [InlineData("a", "a", 0)]
    [InlineData("Ａ", "😀", -1)]
    [InlineData("😀", "😁", -1)]
    [InlineData("x😀", "x猫", 1)]
    public void Folders_are_compared_by_code_points(string left, string right, int expected)
    {
        Assert.Equal(expected, Math.Sign(FolderScan.CompareCodePoints(left, right)));
        Assert.Equal(-expected, Math.Sign(FolderScan.CompareCodePoints(right, left)));
    }

    [LibraryImport("libc", EntryPoint = "dup2")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int file, int place);
}
