using MoCo.Data;
using MoCo.Imaging;

namespace MoCo.Tests.Data;

public sealed class JoinedImagesTests
{
    [Fact]
    public void Images_follow_source_by_source_and_classes_are_merged_by_name()
    {
        using ImageTree one = new("dog/1.jpg", "cat/2.jpg"), two = new("ant/3.jpg", "dog/4.jpg"), bare = new("5.jpg");
        IImageSource joined = ImageSources.Join(one.Open(), one.Open().Subset([]), two.Open(), bare.Open());

        Assert.Equal(["cat", "dog", "ant"], joined.Classes);
        Assert.Equal([0, 1, 2, 1, null], Enumerable.Range(0, joined.Count).Select(joined.Label));
        Assert.Equal(
            [one.At("cat/2.jpg"), one.At("dog/1.jpg"), two.At("ant/3.jpg"), two.At("dog/4.jpg"), bare.At("5.jpg")],
            Enumerable.Range(0, joined.Count).Select(joined.Locate));
        ImageBuffer image = new();
        joined.Read(3, image);
        Assert.EndsWith("dog/4.jpg", ByteDecoder.Text(image), StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => joined.Label(5));
        Assert.Throws<ArgumentOutOfRangeException>(() => joined.Read(-1, image));
    }

    [Fact]
    public void Notes_say_whose_they_are()
    {
        using ImageTree one = new("dog/1.jpg", "cat/2.jpg", "cat/notes.txt"), two = new("dog/4.jpg");
        string said = new JoinedImages(one.Open(), two.Open()).Told();
        Assert.Contains($"{one.Root}: 2 images\n{one.Root}: left out: 1 not named as an image\n{two.Root}: 1 image", said,
            StringComparison.Ordinal);
    }

    [Fact]
    public void No_source_and_images_of_other_channels_are_refused()
    {
        using ImageTree tree = new("1.jpg");
        Assert.Throws<ArgumentException>(() => new JoinedImages());
        Assert.StartsWith(
            $"{tree.Root} has images of 3 channels, synthetic images of 1; expected the same.",
            Assert.Throws<ArgumentException>(() => new JoinedImages(new SyntheticImages(2), tree.Open())).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Several_paths_open_as_one_source_or_one_stream_but_not_as_both()
    {
        using ImageTree one = new("train/dog/1.jpg", "train/cat/2.jpg", "val/dog/3.jpg"), two = new("train/ant/4.jpg", "test/dog/5.jpg");
        using TemporaryFolder folder = new();
        string[] shards = [ShardFile.Write(folder, "b.tar", ("1.jpg", "b")), ShardFile.Write(folder, "a.tar", ("2.jpg", "a"))];

        Assert.True(ImageSources.HasSplits([one.Root, two.Root]));
        Assert.False(ImageSources.HasSplits([one.Root, one.At("train")]));
        Assert.Equal(3, Assert.IsType<JoinedImages>(ImageSources.Open([one.Root, two.Root])).Count);
        Assert.Equal(["dog"], ImageSources.Open([one.Root, two.Root], test: true).Classes);
        Assert.Equal(shards, Assert.IsType<TarShards>(ImageSources.Open(shards)).Shards);
        Assert.IsType<ImageFolder>(ImageSources.Open([one.Root]));
        Assert.Contains($"{one.Root} is read by number, and {shards[0]} is a stream of .tar files",
            Assert.Throws<ArgumentException>(() => ImageSources.Open([one.Root, shards[0]])).Message, StringComparison.Ordinal);
        Assert.Contains("was given twice",
            Assert.Throws<ArgumentException>(() => ImageSources.Open([one.Root, one.Root + "/"])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ImageSources.Open(Array.Empty<string>()));
    }
}
