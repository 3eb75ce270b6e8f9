namespace SixLabors.ImageSharp.Processing;

public static class ResizeExtensions
{
    public static IImageProcessingContext Resize(this IImageProcessingContext source, int width, int height)
    {
        ProcessingContext.Of(source).Resize(width, height);
        return source;
    }
}
