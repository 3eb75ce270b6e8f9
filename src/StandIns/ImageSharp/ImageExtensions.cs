using SixLabors.ImageSharp.Codecs;
using SixLabors.ImageSharp.Formats.Jpeg;

namespace SixLabors.ImageSharp;

public static class ImageExtensions
{
    public static void SaveAsPng(this Image source, string path) => File.WriteAllBytes(path, Codec.EncodePng(source));

    public static void SaveAsPng(this Image source, Stream stream) => stream.Write(Codec.EncodePng(source));

    public static void SaveAsJpeg(this Image source, string path) => SaveAsJpeg(source, path, null);

    public static void SaveAsJpeg(this Image source, Stream stream) => SaveAsJpeg(source, stream, null);

    public static void SaveAsJpeg(this Image source, string path, JpegEncoder encoder) => File.WriteAllBytes(path, Codec.EncodeJpeg(source, encoder?.Quality));

    public static void SaveAsJpeg(this Image source, Stream stream, JpegEncoder encoder) => stream.Write(Codec.EncodeJpeg(source, encoder?.Quality));
}
