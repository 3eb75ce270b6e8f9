using MoCo.Data;

namespace MoCo.Tests.Data;

public sealed class EncodedImageTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_file_is_taken_over_with_its_label_and_place(bool exchanged)
    {
        EncodedImage image = Filled(2, exchanged), other = Filled(1, exchanged: false);

        other.Take(image);

        Assert.Equal((3, "2.jpg"), (other.Label, other.Location));
        Assert.Equal([2, 2], other.Bytes.ToArray());
        // A stream's own image, which may be one of many that it keeps, stays as it is.
        Assert.Equal(exchanged ? [] : [2, 2], image.Bytes.ToArray());
    }

    [Fact]
    public void What_is_exchanged_needs_no_new_memory()
    {
        EncodedImage image = Filled(7, exchanged: true), other = Filled(7, exchanged: false);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            image.Resize(7);
            other.Take(image);
        }
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_file_that_is_empty_or_not_there_is_refused()
    {
        using TemporaryFolder folder = new();
        Assert.Throws<InvalidDataException>(() => new EncodedImage().ReadFile(folder.Write("empty.jpg", [])));
        Assert.ThrowsAny<IOException>(() => new EncodedImage().ReadFile(folder.File("none.jpg")));
    }

    private static EncodedImage Filled(byte value, bool exchanged)
    {
        EncodedImage image = new() { Label = value + 1, Location = $"{value}.jpg", IsExchanged = exchanged };
        image.Resize(value);
        image.Bytes.Fill(value);
        return image;
    }
}
