using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class EncodedImageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_is_taken_over_with_its_label_and_place(bool isGivenAway)
    {
        EncodedImage image = Filled(2), other = Filled(1);

        other.Take(image, isGivenAway);

        Assert.Equal((3, "2.jpg"), (other.Label, other.Location));
        Assert.Equal([2, 2], other.Bytes.ToArray());
        // A stream's own image, which may be one of many that it keeps, stays as it is.
        Assert.Equal(isGivenAway ? [] : [2, 2], image.Bytes.ToArray());
    }

    [Fact]
    public void What_is_given_away_needs_no_new_memory()
    {
        EncodedImage image = Filled(7), other = Filled(7);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            image.Resize(7);
            other.Take(image, isGivenAway: true);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_file_that_is_empty_or_not_there_is_refused()
    {
        using TemporaryFolder folder = new();
        Assert.Throws<InvalidDataException>(() => new EncodedImage().ReadFile(folder.Write("empty.jpg", [])));
        EncodedImage image = Filled(2);
        Assert.ThrowsAny<IOException>(() => image.ReadFile(folder.File("none.jpg")));
        Assert.Equal((null, folder.File("none.jpg")), (image.Label, image.Location));
    }

    private static EncodedImage Filled(byte value)
    {
        EncodedImage image = new() { Label = value + 1, Location = $"{value}.jpg" };
        image.Resize(value);
        image.Bytes.Fill(value);
        return image;
    }
}
