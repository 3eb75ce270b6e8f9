using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Pictures that can be read by number: what loaders and feature extraction draw from.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public interface IImageSource : IImageSet
{
    /// <summary>The number of pictures.</summary>
    int Count { get; }

    /// <summary>The label of a picture, an index into <see cref="IImageSet.Classes"/>; null where it has none.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    int? Label(int index);

    /// <summary>Reads a picture into a buffer, which takes its size.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the pixels, H×W×C.</param>
    /// <exception cref="InvalidDataException">The picture is corrupt; the message does not repeat where it lies.</exception>
    /// <exception cref="IOException">The picture's file cannot be read.</exception>
    void Read(int index, ImageBuffer into);

    /// <summary>Where a picture lies, for messages: its file's path where it has one.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    string Locate(int index) => $"{Name}, picture {index}";
}
