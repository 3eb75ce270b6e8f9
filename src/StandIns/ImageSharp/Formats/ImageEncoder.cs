namespace SixLabors.ImageSharp.Formats;

public abstract class ImageEncoder
{
}
