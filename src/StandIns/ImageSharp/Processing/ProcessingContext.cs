using SixLabors.ImageSharp.PixelFormats;

namespace SixLabors.ImageSharp.Processing;

/// <summary>The operations on an image, whatever its pixels.</summary>
internal abstract class ProcessingContext : IImageProcessingContext
{
    public abstract Size GetCurrentSize();

    internal abstract void AutoOrient();

    internal abstract void Crop(Rectangle area);

    internal abstract void Resize(int width, int height);

    internal static ProcessingContext Of(IImageProcessingContext source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return (ProcessingContext)source;
    }
}

internal sealed class ProcessingContext<TPixel>(Image<TPixel> image) : ProcessingContext where TPixel : unmanaged, IPixel<TPixel>
{
    public override Size GetCurrentSize() => image.Size;

    internal override void AutoOrient()
    {
        var (width, height, orientation, from) = (image.Width, image.Height, image.Orientation, image.Pixels);
        if (orientation == 1) return;
        var (newWidth, newHeight) = orientation >= 5 ? (height, width) : (width, height);
        var to = new TPixel[from.Length];
        for (int y = 0, i = 0; y < newHeight; y++)
        {
            for (var x = 0; x < newWidth; x++, i++)
            {
                var (column, row) = orientation switch
                {
                    2 => (width - 1 - x, y),
                    3 => (width - 1 - x, height - 1 - y),
                    4 => (x, height - 1 - y),
                    5 => (y, x),
                    6 => (y, height - 1 - x),
                    7 => (width - 1 - y, height - 1 - x),
                    _ => (width - 1 - y, x),
                };
                to[i] = from[(row * width) + column];
            }
        }

        image.Replace(to, newWidth, newHeight);
        image.Orientation = 1;
    }

    internal override void Crop(Rectangle area)
    {
        if (area.X < 0 || area.Y < 0 || area.Width < 1 || area.Height < 1 || area.Right > image.Width || area.Bottom > image.Height)
            throw new ArgumentException($"Crop rectangle should be smaller than the source bounds; {area} is not within {image.Width}×{image.Height}.", nameof(area));
        var to = new TPixel[area.Width * area.Height];
        for (var y = 0; y < area.Height; y++)
            image.Pixels.AsSpan(((area.Y + y) * image.Width) + area.X, area.Width).CopyTo(to.AsSpan(y * area.Width));
        image.Replace(to, area.Width, area.Height);
    }

    internal override void Resize(int width, int height)
    {
        // A side of zero keeps the picture's shape.
        if (width == 0 && height > 0) width = (int)Math.Max(1, Math.Round((double)image.Width * height / image.Height));
        if (height == 0 && width > 0) height = (int)Math.Max(1, Math.Round((double)image.Height * width / image.Width));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        var to = new TPixel[checked(width * height)];
        BicubicResize.Apply(image.Rgb, image.Width, image.Height, Image<TPixel>.Bytes(to), width, height);
        image.Replace(to, width, height);
    }
}
