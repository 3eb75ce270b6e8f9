namespace MoCo.Data;

/// <summary>Pictures that can be read by number: what loaders and feature extraction draw from.</summary>
/// <remarks>Every member may be called by many threads at once.</remarks>
public interface IImageSource
{
    /// <summary>What messages call this source: a folder, a file or a title.</summary>
    string Name { get; }

    /// <summary>The number of pictures.</summary>
    int Count { get; }

    /// <summary>Channels of every picture as read: 1 (grey) or 3 (red, green, blue).</summary>
    int Channels { get; }

    /// <summary>The class names, indexed by label; empty where the pictures have no labels.</summary>
    IReadOnlyList<string> Classes { get; }

    /// <summary>The label of a picture, an index into <see cref="Classes"/>; null where it has none.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    int? Label(int index);

    /// <summary>Reads a picture into a buffer, which takes its size.</summary>
    /// <param name="index">0 … <see cref="Count"/> − 1.</param>
    /// <param name="into">Receives the pixels, H×W×C.</param>
    void Read(int index, ImageBuffer into);
}
