namespace MoCo.Imaging;

/// <summary>What <see cref="ImageDecoder.Create"/> builds.</summary>
public sealed record ImageDecoderOptions
{
    /// <summary>Pixels that one image may have, 1 … <see cref="ImageDecoder.LargestMaximumPixels"/>; checked before memory is taken.
    /// Default <see cref="ImageDecoder.DefaultMaximumPixels"/>.</summary>
    public long MaximumPixels { get; init; } = ImageDecoder.DefaultMaximumPixels;

    /// <summary>Whether JPEGs go through libturbojpeg where the machine has it. Default true; without it Skia decodes them to the
    /// same pixels, on x64 more slowly: it has no vector code for JPEG there.</summary>
    public bool UseTurboJpeg { get; init; } = true;

    /// <summary>Whether TIFF and TGA are read, by ImageSharp. Default true; false refuses them and leaves ImageSharp unused, for
    /// files from strangers or an application that does not want the package's code to run.</summary>
    public bool UseImageSharp { get; init; } = true;
}
