using System.Text;
using MoCo.Data;
using MoCo.Data.Folder;

namespace MoCo.Tests.Data;

public sealed class ImageFolderLinkTests
{
    [SkippableFact]
    public void Links_to_files_and_folders_are_followed()
    {
        using var tree = Linked("a/1.jpg", "b/2.jpg");
        using var outside = new ImageTree("x/9.jpg");
        File.CreateSymbolicLink(tree.At("b/0.jpg"), tree.At("a/1.jpg"));
        Directory.CreateSymbolicLink(tree.At("b/out"), outside.Root);
        Directory.CreateSymbolicLink(tree.At("c"), tree.At("a"));
        File.CreateSymbolicLink(tree.At("b/gone.jpg"), tree.At("nowhere"));

        var source = tree.Open();

        Assert.Equal(["a", "b", "c"], source.Classes);
        Assert.Equal(["a/1.jpg", "b/0.jpg", "b/2.jpg", "b/out/x/9.jpg", "c/1.jpg"], ImageTree.Paths(source));
        Assert.Equal(1, source.Ignored.BrokenLinks);
    }

    [SkippableTheory]
    [InlineData(ImageFolderLabels.FirstFolder)]
    [InlineData(ImageFolderLabels.None)]
    public void Loops_end(ImageFolderLabels labels)
    {
        using var tree = Linked("a/1.jpg", "a/deep/2.jpg", "b/3.jpg");
        Directory.CreateSymbolicLink(tree.At("a/deep/up"), tree.At("a"));
        Directory.CreateSymbolicLink(tree.At("a/root"), tree.Root);
        Directory.CreateSymbolicLink(tree.At("b/self"), "../b");

        var source = tree.Open(labels);

        Assert.Equal(["a/1.jpg", "a/deep/2.jpg", "b/3.jpg"], ImageTree.Paths(source));
        Assert.Equal(3, source.Ignored.RepeatedFolders);
    }

    [SkippableFact]
    public void A_ladder_of_links_is_climbed_once()
    {
        // Two ways from each rung to the next: 2³⁰ paths, 31 folders.
        using var tree = Linked("a/0/1.jpg");
        for (var rung = 1; rung <= 30; rung++)
        {
            tree.Add($"a/{rung}/{rung}.jpg");
            Directory.CreateSymbolicLink(tree.At($"a/{rung}/left"), tree.At($"a/{rung - 1}"));
            Directory.CreateSymbolicLink(tree.At($"a/{rung}/right"), tree.At($"a/{rung - 1}"));
        }

        Assert.Equal(31, tree.Open().Count);
    }

    [SkippableFact]
    public void The_portable_way_into_folders_finds_what_the_native_one_finds()
    {
        using var tree = Linked("a/1.jpg", "a/deep/2.jpg", "b/3.jpg", "b/.hidden/4.jpg", "c/notes.txt", "d é/5.jpg");
        Directory.CreateSymbolicLink(tree.At("a/deep/up"), tree.At("a"));
        Directory.CreateSymbolicLink(tree.At("b/self"), "../b");
        Directory.CreateSymbolicLink(tree.At("e"), tree.At("a/deep"));

        var native = Scan(tree, IFolderAccess.ForThisMachine);
        var portable = Scan(tree, new PortableFolders());

        Assert.Equal(native.Classes, portable.Classes);
        Assert.Equal(Encoding.UTF8.GetString(native.Names), Encoding.UTF8.GetString(portable.Names));
        Assert.Equal(Encoding.UTF8.GetString(native.Paths), Encoding.UTF8.GetString(portable.Paths));
        Assert.Equal(native.ImageEnds, portable.ImageEnds);
        Assert.Equal(native.Ignored, portable.Ignored);
    }

    private static FolderIndex Scan(ImageTree tree, IFolderAccess access) =>
        FolderScan.Run(tree.Root, ImageFolderLabels.FirstFolder, new ImageExtensions(ImageExtensions.Default), access);

    private static ImageTree Linked(params string[] files)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows makes links for administrators only.");
        return new ImageTree(files);
    }
}
