namespace MoCo.Imaging;

/// <summary>What a file's first bytes say it is.</summary>
internal enum ImageFormat
{
    Unknown,
    Jpeg,
    Png,
    Webp,
    Gif,
    Bmp,
    Ico,
    Tiff,
    Tga,
    Pnm,
}
