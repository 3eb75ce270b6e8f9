namespace MoCo.Augmentation.Resampling;

/// <summary>What of one axis of an image is resized: whole pixels, or parts of them where the image was decoded smaller than the one that
/// the span was drawn in.</summary>
/// <param name="First">The first pixel.</param>
/// <param name="Pixels">How many there are, those at the ends of which a part counts included.</param>
/// <param name="Offset">Where in the first pixel the span begins, 0 to below 1.</param>
/// <param name="Length">The span's length in pixels.</param>
internal readonly record struct ResampleSpan(int First, int Pixels, double Offset, double Length)
{
    /// <summary>All of so many pixels.</summary>
    internal static ResampleSpan Whole(int pixels) => new(0, pixels, 0, pixels);

    /// <summary>Some pixels of an axis.</summary>
    /// <param name="first">The first, of the full image.</param>
    /// <param name="pixels">How many, of the full image.</param>
    /// <param name="side">The image's pixels as decoded.</param>
    /// <param name="full">Those of the full image.</param>
    internal static ResampleSpan Of(int first, int pixels, int side, int full)
    {
        if (side == full) return new(first, pixels, 0, pixels);
        double factor = (double)side / full, start = first * factor, length = pixels * factor;
        int begin = (int)start, end = Math.Min(side, (int)Math.Ceiling(start + length));
        return new(begin, end - begin, start - begin, length);
    }

    /// <summary>Whether a result of so many pixels is what lies there already.</summary>
    internal bool Is(int output) => Pixels == output && Offset == 0 && Length == output;
}
