namespace MoCo.Data;

/// <summary>Where only JPEGs are read.</summary>
internal sealed class NoOtherFormats : IImageDecoder
{
    public void Decode(ReadOnlySpan<byte> file, ImageBuffer into) =>
        throw new InvalidDataException("The file is no JPEG that libturbojpeg reads.");
}
