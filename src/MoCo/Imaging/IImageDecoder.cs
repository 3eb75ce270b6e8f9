namespace MoCo.Imaging;

/// <summary>From an image file to its pixels.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public interface IImageDecoder
{
    /// <summary>Decodes an image to 8-bit red, green and blue, upright (EXIF orientation applied), alpha dropped.</summary>
    /// <param name="file">The whole file. Its content decides what it is.</param>
    /// <param name="into">Receives the pixels, H×W×3.</param>
    /// <exception cref="InvalidDataException">No image that this decoder reads, a damaged one, or one of more pixels than allowed.</exception>
    /// <exception cref="NotSupportedException">The application brings a library in a version that cannot be used.</exception>
    void Decode(ReadOnlySpan<byte> file, ImageBuffer into);
}
