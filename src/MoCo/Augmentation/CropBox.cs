using System.Globalization;

namespace MoCo.Augmentation;

/// <summary>A rectangle of an image, in pixels.</summary>
/// <param name="Left">The first column.</param>
/// <param name="Top">The first row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct CropBox(int Left, int Top, int Width, int Height)
{
    /// <summary>For example "300×200 at (10, 20)": size, then column and row of the first pixel.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Width}×{Height} at ({Left}, {Top})");
}
