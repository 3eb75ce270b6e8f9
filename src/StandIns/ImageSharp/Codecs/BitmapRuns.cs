namespace SixLabors.ImageSharp.Codecs;

/// <summary>BMP's run-length coding with 4 or 8 bits per pixel. What it skips stays black.</summary>
internal static class BitmapRuns
{
    internal static void Decode(ReadOnlySpan<byte> data, int bits, Size size, byte[] palette, Span<byte> rgb)
    {
        rgb.Clear();
        var (x, y) = (0, 0);
        for (var at = 0; y < size.Height;)
        {
            if (at + 2 > data.Length) throw BitmapFile.Damaged("the file is truncated");
            var (count, value) = (data[at], data[at + 1]);
            at += 2;
            if (count > 0)
            {
                for (var i = 0; i < count; i++, x++)
                    Set(rgb, size, palette, x, y, bits == 8 ? value : (i & 1) == 0 ? value >> 4 : value & 15);
                continue;
            }

            if (value == 1) return;
            if (value == 0)
            {
                (x, y) = (0, y + 1);
            }
            else if (value == 2)
            {
                if (at + 2 > data.Length) throw BitmapFile.Damaged("the file is truncated");
                (x, y, at) = (x + data[at], y + data[at + 1], at + 2);
            }
            else
            {
                // Literal pixels, padded to two bytes.
                var bytes = bits == 8 ? value : (value + 1) / 2;
                if (at + bytes > data.Length) throw BitmapFile.Damaged("the file is truncated");
                for (var i = 0; i < value; i++, x++)
                    Set(rgb, size, palette, x, y, bits == 8 ? data[at + i] : (i & 1) == 0 ? data[at + (i / 2)] >> 4 : data[at + (i / 2)] & 15);
                at += bytes + (bytes & 1);
            }
        }
    }

    private static void Set(Span<byte> rgb, Size size, byte[] palette, int x, int y, int index)
    {
        if (x < size.Width && y < size.Height)
            palette.AsSpan(index * 3, 3).CopyTo(rgb[((((size.Height - 1 - y) * size.Width) + x) * 3)..]);
    }
}
