using System.Text;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation.Color;

/// <summary>Reads the binary .ppm files of the fixtures: <c>P6 width height 255</c> and the pixels.</summary>
internal static class PortablePixmap
{
    internal static ImageBuffer Read(string path)
    {
        var file = File.ReadAllBytes(path);
        var end = Array.IndexOf(file, (byte)'\n');
        var header = Encoding.ASCII.GetString(file, 0, end).Split(' ');
        var image = new ImageBuffer();
        image.Resize(int.Parse(header[1], null), int.Parse(header[2], null), 3);
        file.AsSpan(end + 1).CopyTo(image.Pixels);
        return image;
    }
}
