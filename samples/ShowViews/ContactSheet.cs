using System.Globalization;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Imaging;

namespace ShowViews;

/// <summary>The layout: a heading, then a row for each image, the image first and its views beside it, the texts below.</summary>
internal sealed class ContactSheet
{
    private const int Margin = 20, Gap = 12, RowGap = 22, FewestPixels = 192, FewestLetters = 42, HeadingScale = 2, LineHeight = 12, Marker = 3;

    private readonly Request request;
    private readonly int folderCount;
    private readonly int zoom;
    private readonly int cell;
    private readonly int scale;
    private readonly int column;
    private readonly ImageBuffer fitted = new();
    private readonly AugmentationScratch scratch = new();

    public ContactSheet(Request request, int folderCount)
    {
        (this.request, this.folderCount) = (request, folderCount);
        int size = request.Recipe.OutputSize;
        // Small views are enlarged by a whole number, so that their pixels stay what they are.
        zoom = Math.Max(1, (FewestPixels + size - 1) / size);
        cell = size * zoom;
        scale = cell >= 2 * Canvas.Measure(FewestLetters, 1) ? 2 : 1;
        column = Math.Max(cell, Canvas.Measure(FewestLetters, scale));
    }

    public Canvas Draw(IReadOnlyList<ShownImage> images)
    {
        string[][][] texts = [.. images.Select(Texts)];
        int[] heights = [.. texts.Select(t => cell + Gap + (t.Max(lines => lines.Length) * LineHeight * scale))];
        int columns = 1 + request.Views.Count;
        int width = (2 * Margin) + (columns * column) + ((columns - 1) * Gap);
        string[] heading = [.. TextLines.Wrap(Heading(), Canvas.LettersIn(width - (2 * Margin), HeadingScale))];
        int top = Margin + (heading.Length * LineHeight * HeadingScale) + Gap;
        var canvas = new Canvas(width, top + heights.Sum() + ((heights.Length - 1) * RowGap) + Margin);
        for (int i = 0; i < heading.Length; i++)
            canvas.Write(heading[i], Margin, Margin + (i * LineHeight * HeadingScale), HeadingScale, Rgb.Ink);
        for (int row = 0; row < images.Count; row++)
        {
            DrawRow(canvas, top, images[row], texts[row]);
            top += heights[row] + RowGap;
        }
        return canvas;
    }

    private string Heading()
        => string.Create(CultureInfo.InvariantCulture, $"Recipe {request.RecipeName} at {request.Recipe.OutputSize}×{request.Recipe.OutputSize}, seed {request.Seed}; {folderCount:N0} images in {Path.GetFileName(Path.GetFullPath(request.Folder).TrimEnd(Path.DirectorySeparatorChar))}");

    /// <summary>The lines below each cell of a row.</summary>
    private string[][] Texts(ShownImage image)
    {
        int letters = Canvas.LettersIn(column, scale);
        string size = $"{image.Image.Width}×{image.Image.Height}";
        string[] own = [TextLines.KeepEnd(image.Name, letters), .. TextLines.Wrap(image.Class is null ? size : $"{size}, class {image.Class}", letters)];
        return [own, .. image.Views.Select(v => (string[])[v.Title, .. v.Drawn.SelectMany(d => TextLines.WrapPhrases(d, letters))])];
    }

    private void DrawRow(Canvas canvas, int top, ShownImage image, string[][] texts)
    {
        int left = Margin;
        DrawImage(canvas, left, top, image);
        Write(canvas, left, top, texts[0]);
        for (int i = 0; i < image.Views.Count; i++)
        {
            left += column + Gap;
            canvas.Draw(image.Views[i].Pixels, left, top, zoom);
            canvas.Fill(left, top + cell + Marker, cell, Marker, Rgb.Of(i));
            Write(canvas, left, top, texts[i + 1]);
        }
    }

    private void Write(Canvas canvas, int left, int top, string[] lines)
    {
        for (int i = 0; i < lines.Length; i++)
            canvas.Write(lines[i], left, top + cell + Gap + (i * LineHeight * scale), scale, i == 0 ? Rgb.Ink : Rgb.Faint);
    }

    /// <summary>The whole image in its cell's lower middle, with the rectangles that its views show.</summary>
    private void DrawImage(Canvas canvas, int left, int top, ShownImage image)
    {
        ImageBuffer source = image.Image;
        int longer = Math.Max(source.Width, source.Height), shorter = Math.Min(source.Width, source.Height);
        int enlarged = Math.Max(1, cell / longer);
        ImageBuffer shown = source;
        if (longer > cell)
        {
            var random = default(SampleRandom);
            new ResizeShorterSide(Math.Max(1, (int)Math.Floor((double)cell * shorter / longer))).Resample(source, fitted, scratch, ref random);
            shown = fitted;
        }
        left += (cell - (shown.Width * enlarged)) / 2;
        top += (cell - (shown.Height * enlarged)) / 2;
        canvas.Draw(shown, left, top, enlarged);

        (double across, double down) = ((double)shown.Width * enlarged / source.Width, (double)shown.Height * enlarged / source.Height);
        for (int i = image.Views.Count - 1; i >= 0; i--)
        {
            if (image.Views[i].Crop is not { } crop) continue;
            int x = (int)(crop.Left * across), y = (int)(crop.Top * down);
            canvas.Frame(left + x, top + y, (int)Math.Ceiling(crop.Width * across), (int)Math.Ceiling(crop.Height * down), 2, Rgb.Of(i));
        }
    }
}
