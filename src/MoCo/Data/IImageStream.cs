using MoCo.Imaging;

namespace MoCo.Data;

/// <summary>Images that can only be read one after the other, such as shards in tar files.</summary>
/// <remarks>Every member may be called by many threads at once; a reader that <see cref="Open"/> returns belongs to one at a time.</remarks>
public interface IImageStream : IImageSet
{
    /// <summary>Images in an epoch, over all ranks.</summary>
    long Count { get; }

    /// <summary>Opens one rank's part of an epoch. What it yields, and in which order, is a pure function of the arguments.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    /// <param name="shuffle">Another order in every epoch; false: the stream's own.</param>
    /// <param name="rank">This process, 0 … <paramref name="ranks"/> − 1.</param>
    /// <param name="ranks">The processes that share the stream without overlap; each gets <see cref="Count"/> / <paramref name="ranks"/> images, rounded down.</param>
    /// <param name="skip">Images of this rank to leave out: where an interrupted run goes on.</param>
    IImageStreamReader Open(long seed, int epoch, bool shuffle, int rank, int ranks, long skip);

    /// <summary>Decodes an image that a reader has read.</summary>
    /// <param name="image">The image's file.</param>
    /// <param name="into">Receives the pixels, H×W×C.</param>
    /// <exception cref="InvalidDataException">The image is corrupt; the message does not repeat where it lies.</exception>
    void Decode(EncodedImage image, ImageBuffer into);
}
