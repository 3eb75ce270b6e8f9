namespace MoCo.Imaging;

/// <summary>What a file may ask for before memory and time are given to it.</summary>
/// <param name="MaximumPixels">Pixels of one image.</param>
internal readonly record struct PixelLimit(long MaximumPixels)
{
    // libpng's own. A resampler's weights take eight bytes for a pixel of a row or column, whatever the image's pixels.
    private const int LongestSide = 1_000_000;

    // A hostile progressive JPEG has thousands of scans, each of which goes over the whole image.
    private const int MaximumScans = 500;
    private const int MaximumScansOfLargest = 20;

    // A JPEG spends at least a bit on each block of 64 values, and a pixel has at least one value.
    private const int MostPixelsPerByte = 512;

    internal void Check(int width, int height)
    {
        long pixels = (long)width * height;
        if (pixels > MaximumPixels) throw Refused($"The image is {width}×{height} = {pixels} pixels; at most {MaximumPixels} are allowed.");
        if (Math.Max(width, height) > LongestSide)
            throw Refused($"The image is {width}×{height} pixels; at most {LongestSide} are allowed in a row or column.");
    }

    /// <summary>The same for a JPEG, whose bytes and scans up to its end bound it too.</summary>
    internal void Check(int width, int height, int bytes, int scans)
    {
        Check(width, height);
        long pixels = (long)width * height;
        if (pixels / MostPixelsPerByte > bytes)
            throw Refused($"The JPEG is truncated: {bytes} bytes cannot hold {width}×{height} pixels.");
        if (scans > MaximumScans || scans * pixels > MaximumScansOfLargest * MaximumPixels)
            throw Refused($"The JPEG has {scans} scans over {width}×{height} pixels; an honest one has about ten.");
    }

    private static InvalidDataException Refused(FormattableString reason) => new(Invariant(reason));
}
