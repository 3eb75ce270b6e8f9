namespace MoCo.Data;

/// <summary>Makes decoders for picture files.</summary>
public static class ImageDecoder
{
    /// <summary>Pixels that one picture may have unless told otherwise: 200 million.</summary>
    public const long DefaultMaximumPixels = 200_000_000;

    /// <summary>The highest limit that can be set: a picture's four bytes per pixel must fit one array.</summary>
    public const long LargestMaximumPixels = 536_000_000;

    /// <summary>What sources use unless told otherwise: JPEGs by libturbojpeg where the machine has it; all else, and what
    /// libturbojpeg refuses, by ImageSharp.</summary>
    /// <remarks>With libturbojpeg a JPEG's pixels equal PIL's exactly; through ImageSharp JPEGs with subsampled chroma differ from
    /// PIL's at hard edges between colours (see <see cref="ImageSharpDecoder"/>).</remarks>
    public static IImageDecoder Default { get; } = Create(DefaultMaximumPixels);

    /// <summary>Whether this machine has libturbojpeg (2.0 or later), which decodes JPEGs faster and to PIL's pixels.</summary>
    public static bool HasTurboJpeg => TurboJpegLibrary.Instance is not null;

    /// <summary>Makes a decoder with another limit.</summary>
    /// <param name="maximumPixels">Pixels that one picture may have, 1 … <see cref="LargestMaximumPixels"/>; checked before
    /// memory is taken.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit out of range.</exception>
    public static IImageDecoder Create(long maximumPixels)
    {
        var all = new ImageSharpDecoder(maximumPixels);
        return TurboJpegLibrary.Instance is { } library ? new TurboJpegDecoder(library, all, PixelLimit.Create(maximumPixels)) : all;
    }
}
