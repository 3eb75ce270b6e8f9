using SkiaSharp;

namespace ShowViews;

/// <summary>The layout: a heading, then a row for each image, the image first and its views beside it, the texts below.</summary>
/// <remarks>The package's Skia knows no font of the machine, and a bare Debian has none: the sheet brings its own, the Latin, Greek and
/// Cyrillic letters of DejaVu Sans Condensed, and looks the same everywhere.</remarks>
internal sealed class ContactSheet : IDisposable
{
    private const int Margin = 20, Gap = 12, RowGap = 22, FewestPixels = 192, NarrowestColumn = 264, Marker = 3, Crop = 2;
    private const int TextSize = 12, LineHeight = 15, HeadingSize = 20, HeadingHeight = 26;

    private static readonly SKColor Ink = new(28, 30, 34), Faint = new(88, 94, 104);

    // One color a view, in turn: its crop on the image and the line above its text.
    private static readonly SKColor[] Colors =
    [
        new(230, 97, 1), new(26, 119, 201), new(217, 45, 128), new(20, 148, 84),
        new(120, 81, 169), new(166, 118, 29), new(0, 150, 160), new(150, 30, 30),
    ];

    private readonly SKTypeface typeface
        = SKTypeface.FromStream(typeof(ContactSheet).Assembly.GetManifestResourceStream("DejaVuSansCondensed.ttf"));

    private readonly SKFont textFont, headingFont;
    private readonly Request request;
    private readonly int zoom, cell, lineHeight, column;

    public ContactSheet(Request request)
    {
        this.request = request;
        int size = request.Size;
        // Small views are enlarged by a whole number, so that their pixels stay what they are.
        zoom = Math.Max(1, (FewestPixels + size - 1) / size);
        cell = size * zoom;
        int scale = cell >= 2 * NarrowestColumn ? 2 : 1;
        (lineHeight, column) = (LineHeight * scale, Math.Max(cell, NarrowestColumn * scale));
        textFont = new SKFont(typeface, TextSize * scale) { Subpixel = true };
        headingFont = new SKFont(typeface, HeadingSize) { Subpixel = true };
    }

    public SKBitmap Draw(IReadOnlyList<ShownImage> images)
    {
        string[][][] texts = [.. images.Select(Texts)];
        int[] heights = [.. texts.Select(row => cell + Gap + row.Max(lines => lines.Length) * lineHeight)];
        int columns = 1 + request.Views.Count, width = 2 * Margin + columns * column + (columns - 1) * Gap;
        string[] heading = Wrap(Heading(), " ", headingFont, width - 2 * Margin);
        int top = Margin + heading.Length * HeadingHeight + Gap;
        int height = top + heights.Sum() + (heights.Length - 1) * RowGap + Margin;
        SKBitmap sheet = new(width, height, SKColorType.Rgb888x, SKAlphaType.Opaque);
        using SKCanvas canvas = new(sheet);
        canvas.Clear(SKColors.White);
        for (int i = 0; i < heading.Length; i++) Write(canvas, heading[i], Margin, Margin + i * HeadingHeight, headingFont, Ink);
        for (int row = 0; row < images.Count; top += heights[row++] + RowGap) DrawRow(canvas, top, images[row], texts[row]);
        return sheet;
    }

    public void Dispose()
    {
        textFont.Dispose();
        headingFont.Dispose();
        typeface.Dispose();
    }

    private string Heading()
    {
        (IImageSource source, int size) = (request.Source, request.Size);
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(source.Name)));
        string images = $"{source.Count:N0} {(source.Channels == 1 ? "grey (one-channel) " : "")}images in {name}";
        return $"Recipe {request.Recipe} at {size}×{size}, seed {request.Seed}; {images}";
    }

    /// <summary>The lines below each cell of a row.</summary>
    private string[][] Texts(ShownImage image)
    {
        string size = $"{image.Size.Width}×{image.Size.Height}";
        string[] own = [Fitting(image.Name), Fitting(image.Class is null ? size : $"{size}, class {image.Class}")];
        return [own, .. image.Views.Select(Texts)];
    }

    private string[] Texts(ShownView view) => [view.Title, .. view.Drawn.SelectMany(drawn => Wrap(drawn, ", ", textFont, column))];

    private void DrawRow(SKCanvas canvas, int top, ShownImage image, string[][] texts)
    {
        DrawImage(canvas, top, image);
        for (int i = 0; i < texts.Length; i++)
        {
            int left = Margin + i * (column + Gap);
            if (i > 0)
            {
                // A small view stands on the line above its text.
                int side = image.Views[i - 1].Pixels.Width * zoom;
                Draw(canvas, image.Views[i - 1].Pixels, left, top + cell - side, zoom);
                using SKPaint marker = new() { Color = Color(i - 1) };
                canvas.DrawRect(left, top + cell + Marker, side, Marker, marker);
            }
            for (int line = 0; line < texts[i].Length; line++)
                Write(canvas, texts[i][line], left, top + cell + Gap + line * lineHeight, textFont, line == 0 ? Ink : Faint);
        }
    }

    /// <summary>The whole image in the middle of its cell, with the rectangles that its views show.</summary>
    private void DrawImage(SKCanvas canvas, int top, ShownImage image)
    {
        int width = image.Size.Width, height = image.Size.Height, longer = Math.Max(width, height);
        float scale = longer > cell ? (float)cell / longer : cell / longer;
        float left = Margin + (int)((cell - width * scale) / 2);
        float upper = top + (int)((cell - height * scale) / 2);
        Draw(canvas, image.Pixels, left, upper, scale * width / image.Pixels.Width);
        for (int i = image.Views.Count - 1; i >= 0; i--)
        {
            if (image.Views[i].Crop is not { } crop) continue;
            using SKPaint paint = new() { Color = Color(i), Style = SKPaintStyle.Stroke, StrokeWidth = Crop };
            SKPoint place = new(left + (int)(crop.Left * scale), upper + (int)(crop.Top * scale));
            SKRect frame = SKRect.Create(place, new SKSize(MathF.Ceiling(crop.Width * scale), MathF.Ceiling(crop.Height * scale)));
            frame.Inflate(-Crop / 2f, -Crop / 2f);
            canvas.DrawRect(frame, paint);
        }
    }

    private static SKColor Color(int view) => Colors[view % Colors.Length];

    private static void Draw(SKCanvas canvas, ImageBuffer image, float left, float top, float scale)
    {
        using SKBitmap bitmap = new(image.Width, image.Height, SKColorType.Rgb888x, SKAlphaType.Opaque);
        Span<byte> target = bitmap.GetPixelSpan();
        for (int i = 0; i < image.Width * image.Height; i++)
        {
            ReadOnlySpan<byte> pixel = image.Pixels.Slice(i * image.Channels, image.Channels);
            Span<byte> to = target.Slice(4 * i, 4);
            (to[0], to[1], to[2], to[3]) = (pixel[0], pixel[image.Channels / 2], pixel[^1], byte.MaxValue);
        }
        // What is enlarged shows its pixels as squares.
        SKSamplingOptions sampling = scale < 1 ? new(SKFilterMode.Linear, SKMipmapMode.Linear) : new(SKFilterMode.Nearest);
        using SKImage drawn = SKImage.FromBitmap(bitmap);
        canvas.DrawImage(drawn, SKRect.Create(left, top, image.Width * scale, image.Height * scale), sampling);
    }

    private static void Write(SKCanvas canvas, string text, int left, int top, SKFont font, SKColor color)
    {
        using SKPaint paint = new() { Color = color, IsAntialias = true };
        canvas.DrawText(text, left, top + font.Size, SKTextAlign.Left, font, paint);
    }

    /// <summary>The end of a text that is too long, after dots: of a path the file's name is what matters.</summary>
    private string Fitting(string text)
    {
        string shown = text;
        while (textFont.MeasureText(shown) > column && text.Length > 1) shown = "…" + (text = text[1..]);
        return shown;
    }

    /// <summary>Breaks a text behind its commas or spaces, as far as what stands between fits a line; what goes on is indented.</summary>
    private static string[] Wrap(string text, string separator, SKFont font, int width)
    {
        List<string> lines = [];
        string line = "";
        foreach (string part in text.Split(separator))
        {
            string longer = line.Length == 0 ? part : line + separator + part;
            if (line.Length > 0 && font.MeasureText(longer) > width)
            {
                lines.Add(line + separator.TrimEnd());
                longer = "   " + part;
            }
            line = longer;
        }
        return [.. lines, line];
    }
}
