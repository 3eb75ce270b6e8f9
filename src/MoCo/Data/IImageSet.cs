using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>What every source of images says of itself, whether its images are read by number or as a stream.</summary>
public interface IImageSet
{
    /// <summary>What messages call this source: a folder, a file or a title.</summary>
    string Name { get; }

    /// <summary>Channels of every image as read: 1 (grey) or 3 (red, green, blue).</summary>
    int Channels { get; }

    /// <summary>The size that all its images have, in pixels; null where they may differ or it is not known. Null by default.</summary>
    (int Width, int Height)? ImageSize => null;

    /// <summary>The class names, indexed by label; empty where the images have no labels.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>What else there is to say of this source, a line each: what it left out, how it counts. None by default.</summary>
    IEnumerable<string> Notes => [];

    /// <summary>The images that could not be read so far.</summary>
    SourceErrors Errors { get; }
}

/// <summary>Images that can be read by number: what loaders and feature extraction draw from.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public interface IImageSource : IImageSet
{
    /// <summary>The number of images.</summary>
    int Count { get; }

    /// <summary>The label of an image, an index into <see cref="IImageSet.Classes"/>; null where it has none.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    int? Label(int index);

    /// <summary>Reads an image into a buffer, which takes its size.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the pixels, H×W×C.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not an image's.</exception>
    /// <exception cref="InvalidDataException">The image is corrupt; the message does not repeat where it lies.</exception>
    /// <exception cref="IOException">The image's file cannot be read.</exception>
    void Read(int index, ImageBuffer into);

    /// <summary>Where an image lies, for messages: its file's path where it has one.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    string Locate(int index) => $"{Name}, image {index}";
}
