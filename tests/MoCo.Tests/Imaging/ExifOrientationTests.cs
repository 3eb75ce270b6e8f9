using MoCo.Imaging.Orientation;

namespace MoCo.Tests.Imaging;

public sealed class ExifOrientationTests
{
    private static readonly byte[] Little = [.. "II*\0"u8, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0];

    [Fact]
    public void Both_byte_orders_are_read()
    {
        byte[] big = [.. "MM\0*"u8, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];

        Assert.Equal(6, ExifOrientation.Read(Little));
        Assert.Equal(6, ExifOrientation.Read(big));
    }

    [Fact]
    public void A_value_out_of_range_counts_as_upright()
    {
        foreach (byte value in new byte[] { 0, 9, 255 })
        {
            byte[] block = (byte[])Little.Clone();
            block[18] = value;
            Assert.Equal(1, ExifOrientation.Read(block));
        }
    }

    [Fact]
    public void Offsets_and_counts_of_any_kind_are_survived()
    {
        for (int length = 0; length < Little.Length; length++) Assert.InRange(ExifOrientation.Read(Little.AsSpan(0, length)), 1, 8);
        for (int place = 0; place < Little.Length; place++)
        {
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0x80, 0xFF })
            {
                byte[] block = (byte[])Little.Clone();
                block[place] = value;
                Assert.InRange(ExifOrientation.Read(block), 1, 8);
                block.AsSpan(place, Math.Min(4, block.Length - place)).Fill(value);
                Assert.InRange(ExifOrientation.Read(block), 1, 8);
            }
        }
    }
}
