using MoCo.Imaging;

namespace ShowViews;

/// <summary>An image to draw on: 8-bit red, green and blue, white at first. What lies outside is cut off.</summary>
internal sealed class Canvas
{
    private const int LetterWidth = Glyphs.Width + 1;

    private readonly byte[] pixels;

    public Canvas(int width, int height)
    {
        (Width, Height) = (width, height);
        pixels = new byte[width * height * 3];
        Fill(0, 0, width, height, Rgb.Paper);
    }

    public int Width { get; }

    public int Height { get; }

    public ReadOnlySpan<byte> Bytes => pixels;

    /// <summary>The width of some letters in pixels.</summary>
    public static int Measure(int letters, int scale) => letters * LetterWidth * scale;

    /// <summary>Letters that fit a width.</summary>
    public static int LettersIn(int width, int scale) => width / (LetterWidth * scale);

    public void Fill(int left, int top, int width, int height, Rgb color)
    {
        for (int y = Math.Max(0, top); y < Math.Min(Height, top + height); y++)
            for (int x = Math.Max(0, left); x < Math.Min(Width, left + width); x++)
                Set(x, y, color);
    }

    /// <summary>The outline of a rectangle, drawn on its inside.</summary>
    public void Frame(int left, int top, int width, int height, int thickness, Rgb color)
    {
        Fill(left, top, width, thickness, color);
        Fill(left, top + height - thickness, width, thickness, color);
        Fill(left, top, thickness, height, color);
        Fill(left + width - thickness, top, thickness, height, color);
    }

    /// <summary>An image, each of its pixels as a square.</summary>
    public void Draw(ImageBuffer image, int left, int top, int zoom)
    {
        ReadOnlySpan<byte> source = image.Pixels;
        int channels = image.Channels;
        for (int y = 0; y < image.Height; y++)
        {
            for (int x = 0; x < image.Width; x++)
            {
                ReadOnlySpan<byte> pixel = source.Slice(((y * image.Width) + x) * channels, channels);
                Fill(left + (x * zoom), top + (y * zoom), zoom, zoom, new Rgb(pixel[0], pixel[channels / 2], pixel[^1]));
            }
        }
    }

    /// <summary>One line of text; its letters' tops are at <paramref name="top"/>.</summary>
    public void Write(string text, int left, int top, int scale, Rgb color)
    {
        for (int i = 0; i < text.Length; i++, left += LetterWidth * scale)
            for (int y = 0; y < Glyphs.Height; y++)
                for (int x = 0; x < Glyphs.Width; x++)
                    if (Glyphs.HasInk(text[i], x, y)) Fill(left + (x * scale), top + (y * scale), scale, scale, color);
    }

    private void Set(int x, int y, Rgb color)
    {
        int at = ((y * Width) + x) * 3;
        (pixels[at], pixels[at + 1], pixels[at + 2]) = (color.Red, color.Green, color.Blue);
    }
}
