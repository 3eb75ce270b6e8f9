using MoCo.Imaging.Orientation;

namespace MoCo.Imaging.Jpeg;

/// <summary>The size in which a JPEG is decoded: its own, or a half, a quarter or an eighth of it, as libjpeg makes of fewer
/// frequencies.</summary>
/// <param name="Width">Columns, as the file lies.</param>
/// <param name="Height">Rows, as the file lies.</param>
/// <param name="FullWidth">The file's own columns.</param>
/// <param name="FullHeight">The file's own rows.</param>
/// <param name="Orientation">EXIF's, 1 … 8.</param>
internal readonly record struct ReducedSize(int Width, int Height, int FullWidth, int FullHeight, int Orientation)
{
    internal static ReducedSize For(int width, int height, int orientation, ImageBuffer into)
    {
        int factor = into.Reduction is not { } reduction ? 1
            : Turn.Swaps(orientation) ? reduction(height, width) : reduction(width, height);
        return new((width + factor - 1) / factor, (height + factor - 1) / factor, width, height, orientation);
    }

    /// <summary>Tells the upright image what it was made smaller of.</summary>
    internal void Note(ImageBuffer upright)
    {
        if (Turn.Swaps(Orientation)) upright.SetFullSize(FullHeight, FullWidth);
        else upright.SetFullSize(FullWidth, FullHeight);
    }
}
