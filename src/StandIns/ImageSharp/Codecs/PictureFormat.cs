namespace SixLabors.ImageSharp.Codecs;

/// <summary>The formats; the numbers are the native part's up to <see cref="Tiff"/>.</summary>
internal enum PictureFormat
{
    Jpeg,
    Png,
    Webp,
    Gif,
    Tiff,
    Bitmap,
    Pixmap,
}
