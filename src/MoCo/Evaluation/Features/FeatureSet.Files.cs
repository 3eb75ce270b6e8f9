using MoCo.Loading;

namespace MoCo.Evaluation.Features;

/// <content>Features of any number of images in a file.</content>
public sealed partial class FeatureSet
{
    /// <summary>What a kill may cost at most.</summary>
    private static readonly TimeSpan CommitEvery = TimeSpan.FromSeconds(1);

    /// <summary>Extracts a feature vector of each image into a file, written as they come: memory holds a batch, not all of them. Until all
    /// are done, they are in FILE.part, and what they are in FILE.part.log: a call with the same arguments goes on where an earlier one
    /// ended, however it ended, and the file has the same bytes as without an interruption.</summary>
    /// <remarks>
    /// A sealed safetensors file of n images, those that could be read:
    /// <code>
    /// embeddings  n×D float32
    /// labels      n int64, an index into the metadata's classes; −1 where it is not known
    /// indices     n int64, the image's number in its source
    /// names       all names in UTF-8, one after the other
    /// name_ends   n int64, where each name ends
    /// </code>
    /// The metadata hold the classes' names as a JSON array (<c>classes</c>), and of what the embeddings were made: <c>source</c>,
    /// <c>weights</c> (a digest of the encoder's), and the caller's own entries.
    ///
    /// A file whose name ends in .parquet has the same metadata and a row for each image: <c>name</c>, <c>label</c> (int64, −1 where it is
    /// not known; Hugging Face's library finds the classes' names) and <c>embedding</c> (a list of float). It is made out of FILE.part when
    /// all is done, so that the disk needs room for both.
    /// </remarks>
    /// <param name="path">The file to make or replace, in a folder that exists: Parquet where its name ends in .parquet, else safetensors;
    /// it appears when all is done.</param>
    /// <param name="encoder">From N×C×H×W to N×D, on the loader's device; in evaluation mode meanwhile.</param>
    /// <param name="loader">The images and from image to view; whatever its options say, all images come, in the source's order, each
    /// once, but for those that cannot be read. They are read by a loader like this one, whose own counters stay. What says how views look
    /// belongs into <paramref name="facts"/>, so that a call with other ones does not go on with these.</param>
    /// <param name="facts">Further entries of the file's metadata, all of which an earlier part must have alike; the names that the file
    /// uses itself are its own. Null: none.</param>
    /// <param name="folder">The folder that images' names are relative to, where they lie below it. Null: names are whole paths.</param>
    /// <param name="progress">Told after each batch how many of the images are done, those of earlier calls included.</param>
    /// <param name="cancellationToken">Ends the work between two batches; what is done is kept.</param>
    /// <returns>Embeddings in the file, numbers in each, and how many of the images an earlier call had gone through.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="InvalidDataException">FILE.part was begun with another encoder, other images or other facts, it is damaged, or no
    /// image at all could be read.</exception>
    /// <exception cref="IOException">The disk has no room, or the file is being written by another program.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static (long Count, int Dimension, long Before) ExtractToFile(
        string path,
        nn.Module<Tensor, Tensor> encoder,
        SingleViewLoader loader,
        IReadOnlyDictionary<string, string>? facts = null,
        string? folder = null,
        IProgress<long>? progress = null,
        CancellationToken cancellationToken = default) =>
        EmbeddingFile.Write(path, encoder, loader, facts, folder, progress, CommitEvery, cancellationToken);

    /// <summary>Reads a safetensors file that <see cref="ExtractToFile"/> wrote, whole.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The features with labels where any is known, the images' names, and the classes' names.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or no such file.</exception>
    public static (FeatureSet Features, IReadOnlyList<string> Names, IReadOnlyList<string> Classes) ReadFile(string path) =>
        EmbeddingFile.Read(path);
}
