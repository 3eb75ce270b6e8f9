using System.Text;
using MoCo.Imaging;

namespace MoCo.Tests.Augmentation.Color;

/// <summary>Reads the binary .ppm files of the fixtures: <c>P6 width height 255</c> and the pixels.</summary>
internal static class PortablePixmap
{
    internal static ImageBuffer Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        int end = Array.IndexOf(file, (byte)'\n');
        string[] header = Encoding.ASCII.GetString(file, 0, end).Split(' ');
        ImageBuffer image = new();
        image.Resize(int.Parse(header[1], null), int.Parse(header[2], null), 3);
        file.AsSpan(end + 1).CopyTo(image.Pixels);
        return image;
    }
}
