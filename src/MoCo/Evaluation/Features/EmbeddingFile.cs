using System.Text.Json;
using MoCo.Loading;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation.Features;

/// <summary>The files of <see cref="FeatureSet.ExtractToFile"/>.</summary>
internal static class EmbeddingFile
{
    internal const string Format = "moco-embeddings", Schema = "1";

    public static (long Count, int Dimension, long Before) Write(string path, nn.Module<Tensor, Tensor> encoder, SingleViewLoader loader,
        IReadOnlyDictionary<string, string>? facts, string? folder, IProgress<long>? progress, TimeSpan commitEvery,
        CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(loader);
        NamedImages named = new(loader.Source, folder);
        LoaderOptions loading = loader.Options with
        {
            Shuffle = false,
            Ordered = true,
            DropLast = false,
            BFloat16 = false,
            Rank = 0,
            Ranks = 1,
        };
        using SingleViewLoader ordered = loader.Like(named.Images, loading);
        using EvaluationMode mode = new(encoder);
        using IDisposable constant = no_grad();
        Dictionary<string, string> madeOf = Facts(encoder, named, ordered, facts);
        using EmbeddingWriter writer = EmbeddingWriter.Open(path, madeOf, ordered.Count, commitEvery);
        long before = Math.Min(ordered.Count, (long)writer.Batches * loading.BatchSize);
        try
        {
            foreach (SingleViewBatch batch in ordered.Epoch(firstBatch: writer.Batches, cancellationToken: cancellationToken))
            {
                using DisposeScope scope = NewDisposeScope();
                using (batch)
                {
                    Tensor output = encoder.Features(batch.Views).to(ScalarType.Float32).cpu().contiguous(); // n×D
                    int[] indices = batch.Indices.ToArray();
                    writer.Add(batch.Number, output, indices, batch.Labels.ToArray(), [.. indices.Select(named.NameOf)]);
                }
                named.Forget(((long)batch.Number + 1) * loading.BatchSize);
                progress?.Report(Math.Min(ordered.Count, ((long)batch.Number + 1) * loading.BatchSize));
            }
        }
        catch (Exception error) when (error is not IOException)
        {
            writer.Commit();
            throw;
        }
        if (writer.Rows == 0)
        {
            string first = loader.Source.Errors.First is [{ } known, ..] ? $"; the first: {known}" : "";
            throw new InvalidDataException($"{loader.Source.Name}: none of {ordered.Count} images could be read{first}");
        }
        writer.Finish();
        return (writer.Rows, writer.Dimension, before);
    }

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
