using System.Runtime.InteropServices;
using SixLabors.ImageSharp.PixelFormats;

namespace SixLabors.ImageSharp;

public sealed class Image<TPixel> : Image where TPixel : unmanaged, IPixel<TPixel>
{
    private TPixel[] pixels;

    public Image(int width, int height) : this(width, height, default) { }

    public Image(int width, int height, TPixel backgroundColor) : base(new Size(width, height))
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        pixels = new TPixel[checked(width * height)];
        pixels.AsSpan().Fill(backgroundColor);
    }

    internal Image(TPixel[] pixels, Size size) : base(size) => this.pixels = pixels;

    public TPixel this[int x, int y]
    {
        get => Pixels[Place(x, y)];
        set => Pixels[Place(x, y)] = value;
    }

    /// <summary>What the file's EXIF says, 1 to 8.</summary>
    internal int Orientation { get; set; } = 1;

    internal TPixel[] Pixels
    {
        get
        {
            ObjectDisposedException.ThrowIf(pixels is null, this);
            return pixels;
        }
    }

    internal override ReadOnlySpan<byte> Rgb => Bytes(Pixels);

    public Image<TPixel> Clone() => new((TPixel[])Pixels.Clone(), Size) { Orientation = Orientation };

    public void CopyPixelDataTo(Span<TPixel> destination)
    {
        if (destination.Length < Pixels.Length) throw new ArgumentOutOfRangeException(nameof(destination), $"Expected at least {Pixels.Length} pixels, found {destination.Length}.");
        Pixels.CopyTo(destination);
    }

    public void CopyPixelDataTo(Span<byte> destination) => CopyPixelDataTo(MemoryMarshal.Cast<byte, TPixel>(destination));

    public void ProcessPixelRows(PixelAccessorAction<TPixel> processPixels)
    {
        ArgumentNullException.ThrowIfNull(processPixels);
        processPixels(new PixelAccessor<TPixel>(Pixels, Width, Height));
    }

    protected override void Dispose(bool disposing) => pixels = null;

    internal static Span<byte> Bytes(TPixel[] pixels) => typeof(TPixel) == typeof(Rgb24)
        ? MemoryMarshal.AsBytes(pixels.AsSpan())
        : throw new NotSupportedException($"The stand-in's only pixel type is Rgb24, not {typeof(TPixel).Name}.");

    internal void Replace(TPixel[] others, int width, int height) => (pixels, Size) = (others, new Size(width, height));

    private int Place(int x, int y)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(x);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(x, Width);
        ArgumentOutOfRangeException.ThrowIfNegative(y);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(y, Height);
        return (y * Width) + x;
    }
}
