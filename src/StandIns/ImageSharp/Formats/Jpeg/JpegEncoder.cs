namespace SixLabors.ImageSharp.Formats.Jpeg;

public sealed class JpegEncoder : ImageEncoder
{
    private readonly int? quality;

    public int? Quality
    {
        get => quality;
        init
        {
            if (value is < 1 or > 100) throw new ArgumentException("Quality must be in [1..100] range.");
            quality = value;
        }
    }
}
