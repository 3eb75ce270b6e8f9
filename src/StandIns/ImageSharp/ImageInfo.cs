namespace SixLabors.ImageSharp;

public class ImageInfo
{
    internal ImageInfo(Size size) => Size = size;

    public Size Size { get; internal set; }

    public int Width => Size.Width;

    public int Height => Size.Height;
}
