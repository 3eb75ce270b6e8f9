namespace MoCo.Imaging.Orientation;

/// <summary>Turns and mirrors an image so that it is upright.</summary>
internal static unsafe class Turn
{
    // The tile's rows of both images stay in the first-level cache: a transpose would miss it with every pixel.
    private const int Tile = 32;

    /// <summary>Whether an orientation makes columns of rows.</summary>
    internal static bool Swaps(int orientation) => orientation >= 5;

    /// <summary>Copies an image into a buffer the way its EXIF orientation asks.</summary>
    /// <param name="pixels">Height × width × 3, as the file has them.</param>
    /// <param name="width">Columns in the file.</param>
    /// <param name="height">Rows in the file.</param>
    /// <param name="orientation">1 … 8.</param>
    /// <param name="into">Receives the upright image; 5 … 8 swap width and height.</param>
    internal static void Apply(ReadOnlySpan<byte> pixels, int width, int height, int orientation, ImageBuffer into)
    {
        int row = width * 3;
        int last = (height - 1) * row;
        // Where the upright image's first pixel lies in the file's, and the way to its right and lower neighbours.
        (int origin, int right, int down) = orientation switch
        {
            1 => (0, 3, row),
            2 => (row - 3, -3, row),
            3 => (last + row - 3, -3, -row),
            4 => (last, 3, -row),
            5 => (0, row, 3),
            6 => (last, -row, 3),
            7 => (last + row - 3, -row, -3),
            8 => (row - 3, row, -3),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation), orientation, "Expected 1 to 8."),
        };
        if (pixels.Length < height * row)
            throw new ArgumentException($"Expected {height * row} bytes, found {pixels.Length}.", nameof(pixels));
        if (Swaps(orientation)) (width, height) = (height, width);
        into.Resize(width, height, 3);
        fixed (byte* from = pixels, to = into.Pixels)
        {
            for (int top = 0; top < height; top += Tile)
            {
                for (int left = 0; left < width; left += Tile)
                {
                    int count = Math.Min(Tile, width - left);
                    for (int y = top; y < Math.Min(top + Tile, height); y++)
                        Copy(from + origin + (y * down) + (left * right), right, to + (((y * width) + left) * 3), count);
                }
            }
        }
    }

    private static void Copy(byte* from, int step, byte* to, int count)
    {
        for (; count > 0; count--, from += step, to += 3)
        {
            to[0] = from[0];
            to[1] = from[1];
            to[2] = from[2];
        }
    }
}
