using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class ImageFolderTorchvisionTests
{
    private const string Script = """
        import sys
        sys.stdout.reconfigure(encoding="utf-8")
        from torchvision.datasets import ImageFolder
        f = ImageFolder(sys.argv[1])
        print("\n".join(f.classes))
        print()
        for path, label in f.samples:
            print(f"{label} {path}")
        """;

    [Fact]
    public void Classes_labels_and_order_are_those_of_torchvision()
    {
        using ImageTree tree = new(
            "n02/b.jpg", "n02/a.JPG", "n02/sub/1.png", "n02/sub-1/1.png", "n02/sub/deeper/0.webp", "n02/sub0/1.bmp", "n02/10.jpg",
            "n02/9.jpg",
            "N10/x.jpeg", "a b/1.tif", "a/1.tiff", "a-b/1.ppm", "a/a/a/a.pgm", "été/1.jpg", "zoo/notes.txt", "zoo/1.jpg",
            "Ａ/1.jpg", "😀/1.jpg", "top.jpg");
        string[] parts = Python.Torch(Script, tree.Root).TrimEnd('\n').Split("\n\n");

        ImageFolder source = tree.Open();

        Assert.Equal(parts[0].Split('\n'), source.Classes);
        Assert.Equal(parts[1].Split('\n'), Enumerable.Range(0, source.Count).Select(i => $"{source.Label(i)} {source.Locate(i)}"));
    }
}
