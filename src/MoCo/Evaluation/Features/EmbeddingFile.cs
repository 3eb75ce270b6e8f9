using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation.Features;

/// <summary>Embeddings of any number of images in a file, written as they come: memory holds a batch, not all of them, and what was done
/// before an interruption counts.</summary>
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
/// A file whose name ends in .parquet has the same metadata and a row for each image: <c>name</c>, <c>label</c> (int64, −1 where it is not
/// known; Hugging Face's library finds the classes' names) and <c>embedding</c> (a list of float). It is made out of FILE.part when all is
/// done, so that the disk needs room for both.
/// </remarks>
public static class EmbeddingFile
{
    internal const string Format = "moco-embeddings", Schema = "1";

    /// <summary>Embeds every image of a source. Until all are done, they are in FILE.part, and what they are in FILE.part.log: a call with
    /// the same arguments goes on where an earlier one ended, however it ended, and the file has the same bytes as without an
    /// interruption.</summary>
    /// <param name="path">The file to make or replace, in a folder that exists: Parquet where its name ends in .parquet, else safetensors;
    /// it appears when all is done.</param>
    /// <param name="encoder">From N×C×H×W to N×D, on <see cref="EmbeddingFileOptions.Device"/>; in evaluation mode meanwhile.</param>
    /// <param name="images">An <see cref="IImageSource"/> or an <see cref="IImageStream"/>; those that cannot be read are left out.</param>
    /// <param name="recipe">From image to view, usually <see cref="AugmentationRecipe.Evaluation"/>; what says how it looks belongs into
    /// <paramref name="facts"/>, so that a call with another one does not go on with this one's.</param>
    /// <param name="facts">Further entries of the file's metadata, all of which an earlier part must have alike; the names that the file
    /// uses itself are its own. Null: none.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the work between two batches; what is done is kept.</param>
    /// <returns>Embeddings in the file, numbers in each, and how many of the images an earlier call had gone through.</returns>
    /// <exception cref="ArgumentException">An argument out of range, or an encoder whose output is not N×D.</exception>
    /// <exception cref="InvalidDataException">FILE.part was begun with another encoder, other images or other facts, it is damaged, or no
    /// image at all could be read.</exception>
    /// <exception cref="IOException">The disk has no room, or the file is being written by another program.</exception>
    /// <exception cref="LoaderException">Too many images could not be read, or a step of the recipe failed.</exception>
    public static (long Count, int Dimension, long Before) Write(string path, nn.Module<Tensor, Tensor> encoder, IImageSet images,
        AugmentationRecipe recipe, IReadOnlyDictionary<string, string>? facts = null, EmbeddingFileOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(encoder);
        options ??= new EmbeddingFileOptions();
        NamedImages named = new(images, options.Folder);
        LoaderOptions loading = options.Loading with { Shuffle = false, DropLast = false, BFloat16 = false };
        using SingleViewLoader loader = new(named.Images, recipe, loading, options.Device);
        using EvaluationMode mode = new(encoder);
        using IDisposable constant = no_grad();
        Dictionary<string, string> madeOf = Facts(encoder, named, loader, facts);
        using EmbeddingWriter writer = EmbeddingWriter.Open(path, madeOf, loader.Count, options.CommitEvery);
        long before = Math.Min(loader.Count, (long)writer.Batches * loading.BatchSize);
        try
        {
            foreach (SingleViewBatch batch in loader.Epoch(firstBatch: writer.Batches, cancellationToken: cancellationToken))
            {
                using DisposeScope scope = NewDisposeScope();
                using (batch)
                {
                    Tensor output = encoder.Features(batch.Views).to(ScalarType.Float32).cpu().contiguous(); // n×D
                    int[] indices = batch.Indices.ToArray();
                    writer.Add(batch.Number, output, indices, batch.Labels.ToArray(), [.. indices.Select(named.NameOf)]);
                }
                named.Forget(((long)batch.Number + 1) * loading.BatchSize);
                options.Progress?.Report(Math.Min(loader.Count, ((long)batch.Number + 1) * loading.BatchSize));
            }
        }
        catch (Exception error) when (error is not IOException)
        {
            writer.Commit();
            throw;
        }
        if (writer.Rows == 0)
        {
            string first = images.Errors.First is [{ } known, ..] ? $"; the first: {known}" : "";
            throw new InvalidDataException($"{images.Name}: none of {loader.Count} images could be read{first}");
        }
        writer.Finish();
        return (writer.Rows, writer.Dimension, before);
    }

    /// <summary>Reads a safetensors file that <see cref="Write"/> wrote, whole.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The embeddings with labels where any is known, the images' names, and the classes' names.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged or no such file.</exception>
    public static (FeatureSet Embeddings, IReadOnlyList<string> Names, IReadOnlyList<string> Classes) Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path, "a file of embeddings");
        file.Require(Format, Schema, "file of embeddings");
        TorchLibrary.Load();
        using DisposeScope scope = NewDisposeScope();
        string[] names = PackedNames.Read(file, file.ShapeOf("embeddings", ScalarType.Float32, 2));
        int[] labels = Numbers("labels"), indices = Numbers("indices");
        string[] classes = JsonSerializer.Deserialize<string[]>(file.Metadata.GetValueOrDefault("classes") ?? "[]") ?? [];
        bool known = Array.Exists(labels, label => label != FeatureSet.Unlabelled);
        return (new FeatureSet(file.Read("embeddings"), known ? labels : null, indices), names, classes);

        int[] Numbers(string name)
        {
            file.ShapeOf(name, ScalarType.Int64, 1);
            return [.. file.Read(name).data<long>().ToArray().Select(number => (int)number)];
        }
    }

    /// <summary>What the embeddings are made of: another of these makes other embeddings.</summary>
    private static Dictionary<string, string> Facts(
        nn.Module<Tensor, Tensor> encoder, NamedImages images, SingleViewLoader loader, IReadOnlyDictionary<string, string>? facts)
    {
        return new(facts ?? new Dictionary<string, string>(), StringComparer.Ordinal)
        {
            ["format"] = Format,
            ["schema"] = Schema,
            ["weights"] = new WeightFingerprint(encoder).All,
            ["source"] = images.Images.Name,
            ["images"] = images.Digest(),
            ["classes"] = JsonSerializer.Serialize(images.Images.Classes),
            ["batch"] = $"{loader.Options.BatchSize}",
            ["decode_scale"] = loader.Options.DecodeSmaller ? "Auto" : "Full",
        };
    }
}

/// <summary>How <see cref="EmbeddingFile.Write"/> works.</summary>
public sealed record EmbeddingFileOptions
{
    /// <summary>Batches and threads; images always come in the source's order, each once. Default: batches of 256.</summary>
    public LoaderOptions Loading { get; init; } = new() { PrefetchBatches = 3 };

    /// <summary>Where the encoder lies. Default null: the CPU.</summary>
    public Device? Device { get; init; }

    /// <summary>The folder that images' names are relative to, where they lie below it. Default null: names are whole paths.</summary>
    public string? Folder { get; init; }

    /// <summary>Told after each batch how many of the images are done, those of earlier calls included. Default null.</summary>
    public IProgress<long>? Progress { get; init; }

    /// <summary>What a kill may cost at most.</summary>
    internal TimeSpan CommitEvery { get; init; } = TimeSpan.FromSeconds(1);
}
