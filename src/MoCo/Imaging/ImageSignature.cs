using MoCo.Imaging.Formats;
using MoCo.Imaging.Jpeg;
using MoCo.Imaging.Tiff;

namespace MoCo.Imaging;

/// <summary>The first bytes of a file: they decide which decoder it gets.</summary>
internal static class ImageSignature
{
    private const string Read = "JPEG, PNG, WebP, GIF, BMP, ICO, TIFF, TGA, PBM, PGM and PPM";

    private static ReadOnlySpan<byte> PngStart => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    private static ReadOnlySpan<byte> IcoStart => [0, 0, 1, 0];

    internal static ImageFormat Of(ReadOnlySpan<byte> file) =>
        JpegSegments.AreIn(file) ? ImageFormat.Jpeg
        : file.StartsWith(PngStart) ? ImageFormat.Png
        : file.StartsWith("RIFF"u8) && file.Length >= 12 && file[8..].StartsWith("WEBP"u8) ? ImageFormat.Webp
        : file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8) ? ImageFormat.Gif
        : file.StartsWith("BM"u8) ? ImageFormat.Bmp
        : file.StartsWith(IcoStart) ? ImageFormat.Ico
        : TiffDirectory.IsIn(file) ? ImageFormat.Tiff
        : PnmDecoder.IsIn(file) ? ImageFormat.Pnm
        : TgaFile.IsIn(file) ? ImageFormat.Tga
        : ImageFormat.Unknown;

    /// <summary>The error for a file of no known format. Its first bytes tell most mistakes: a web page, a pointer file, another
    /// format, the beginning of one that is read.</summary>
    internal static InvalidDataException NotAnImage(ReadOnlySpan<byte> file)
    {
        string begins = $"it begins with '{FileSignature.Printable(file)}'";
        return new(FileSignature.Name(file) switch
        {
            null => $"The file is not an image of a known format: {begins}; read are {Read}.",
            string image when image is FileSignature.Jpeg or FileSignature.Png or FileSignature.Gif =>
                $"The {image[2..]} is damaged or truncated: {begins}.",
            // What it would be as a file of weights is of no use here.
            string other => $"The file is no image but {other.Split(", as ")[0]}: {begins}; read are {Read}.",
        });
    }
}

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
