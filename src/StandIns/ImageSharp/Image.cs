using SixLabors.ImageSharp.Codecs;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;

namespace SixLabors.ImageSharp;

public abstract class Image : IDisposable
{
    internal Image(Size size) => Size = size;

    public Size Size { get; private protected set; }

    public int Width => Size.Width;

    public int Height => Size.Height;

    public Rectangle Bounds => new(0, 0, Width, Height);

    public static ImageInfo Identify(ReadOnlySpan<byte> buffer) => Identify(new DecoderOptions(), buffer);

    public static ImageInfo Identify(DecoderOptions options, ReadOnlySpan<byte> buffer)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ImageInfo(Codec.Size(buffer));
    }

    public static Image<TPixel> Load<TPixel>(string path) where TPixel : unmanaged, IPixel<TPixel> => Load<TPixel>(File.ReadAllBytes(path));

    public static Image<TPixel> Load<TPixel>(ReadOnlySpan<byte> data) where TPixel : unmanaged, IPixel<TPixel> => Load<TPixel>(new DecoderOptions(), data);

    public static Image<TPixel> Load<TPixel>(DecoderOptions options, ReadOnlySpan<byte> data) where TPixel : unmanaged, IPixel<TPixel>
    {
        ArgumentNullException.ThrowIfNull(options);
        var size = Codec.Size(data);
        var pixels = new TPixel[checked(size.Width * size.Height)];
        Codec.Decode(data, size, Image<TPixel>.Bytes(pixels));
        return new Image<TPixel>(pixels, size) { Orientation = options.SkipMetadata ? 1 : Exif.Orientation(data) };
    }

    public static Image<TPixel> LoadPixelData<TPixel>(ReadOnlySpan<byte> data, int width, int height) where TPixel : unmanaged, IPixel<TPixel> =>
        LoadPixelData(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, TPixel>(data), width, height);

    public static Image<TPixel> LoadPixelData<TPixel>(ReadOnlySpan<TPixel> data, int width, int height) where TPixel : unmanaged, IPixel<TPixel>
    {
        var image = new Image<TPixel>(width, height);
        if (data.Length < image.Pixels.Length) throw new ArgumentOutOfRangeException(nameof(data), $"Expected {image.Pixels.Length} pixels, found {data.Length}.");
        data[..image.Pixels.Length].CopyTo(image.Pixels);
        return image;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);

    internal abstract ReadOnlySpan<byte> Rgb { get; }
}
