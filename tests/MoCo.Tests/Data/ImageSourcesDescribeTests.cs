using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class ImageSourcesDescribeTests
{
    [Fact]
    public void A_folder_says_what_it_holds_what_it_left_out_and_what_could_not_be_read()
    {
        using ImageTree tree = new("cat/1.jpg", "cat/2.jpg", "dog/3.jpg", "dog/notes.txt", "dog/.hidden", "top.jpg");
        Directory.CreateDirectory(tree.At("eel"));
        ImageFolder source = tree.Open();
        source.Errors.Record(source.Locate(1), "The JPEG is cut off.");

        Assert.Equal(
            $"""
            {tree.Root}: 3 images of 3 channels
            2 classes: cat, dog
            left out: 1 hidden, 1 not named as an image, 1 image beside the class folders
            folders that are no classes, since they have no images or are not among those named: eel
            1 could not be read:
              {tree.At("cat/2.jpg")}: The JPEG is cut off.
            """, source.Describe());
    }

    [Fact]
    public void Long_lists_are_cut_short_and_counted()
    {
        using ImageTree tree = new([.. Enumerable.Range(0, 1200).Select(i => $"{i:D4}/x.jpg")]);
        ImageFolder source = tree.Open();
        for (int i = 0; i < 30; i++) source.Errors.Record(source.Locate(i), "Bad.");

        string[] lines = source.Describe().Split('\n');

        Assert.Equal($"{tree.Root}: 1,200 images of 3 channels", lines[0]);
        Assert.Equal("1,200 classes: 0000, 0001, 0002, 0003, 0004, 0005, 0006, 0007, 0008, 0009 and 1,190 more", lines[1]);
        Assert.Equal("30 could not be read:", lines[2]);
        Assert.Equal("  and 20 more", lines[^1]);
    }

    [Fact]
    public void A_source_that_notes_nothing_is_described_all_the_same()
        => Assert.Equal("synthetic: 5 images of 1 channel (grey)\nno classes", new Plain().Describe());

    private sealed class Plain : IImageSource
    {
        public string Name => "synthetic";

        public int Channels => 1;

        public IReadOnlyList<string> Classes => [];

        public SourceErrors Errors { get; } = new();

        public int Count => 5;

        public int? Label(int index) => null;

        public void Read(int index, ImageBuffer into) => into.Resize(1, 1, 1);
    }
}
