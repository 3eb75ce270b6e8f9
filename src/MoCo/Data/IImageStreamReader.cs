namespace MoCo.Data;

/// <summary>Reads one rank's part of a stream for one epoch, in order.</summary>
public interface IImageStreamReader : IDisposable
{
    /// <summary>Reads the next image's file, undecoded.</summary>
    /// <param name="into">Receives the file, its label and where it lies.</param>
    /// <returns>False at the end of the rank's part.</returns>
    /// <exception cref="InvalidDataException">The stream itself is damaged, so that nothing behind this place can be read.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    bool Read(EncodedImage into);
}
