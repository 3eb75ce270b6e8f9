using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation.Search;

/// <summary>The file of a <see cref="SimilarityIndex"/>, a sealed safetensors file: <c>embeddings</c> (N×D float32) and
/// <see cref="PackedNames"/>.</summary>
internal static class SimilarityIndexFile
{
    private const string Format = "moco-similarity-index", Schema = "1";

    internal static void Write(string path, SimilarityIndex index)
    {
        using DisposeScope scope = NewDisposeScope();
        SafetensorsWriter.Write(
            path,
            [("embeddings", index.Unit), .. PackedNames.Pack(index.Names)],
            new Dictionary<string, string> { ["format"] = Format, ["schema"] = Schema });
    }

    /// <returns>N×D, in no scope, and N names.</returns>
    internal static (Tensor Embeddings, string[] Names) Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path, "a similarity index");
        file.Require(Format, Schema, "similarity index");
        TorchLibrary.Load();
        using DisposeScope scope = NewDisposeScope();
        string[] names = PackedNames.Read(file, file.ShapeOf("embeddings", ScalarType.Float32, 2));
        Tensor embeddings = file.Read("embeddings");
        CheckLengths(path, embeddings);
        return (embeddings.DetachFromDisposeScope(), names);
    }

    private static void CheckLengths(string path, Tensor embeddings)
    {
        using IDisposable constant = no_grad();
        using DisposeScope scope = NewDisposeScope();
        float[] lengths = embeddings.mul(embeddings).sum(1).sqrt_().data<float>().ToArray();
        int wrong = Array.FindIndex(lengths, length => !(length == 0 || Math.Abs(length - 1) < 1e-3));
        if (wrong >= 0)
            throw new InvalidDataException(
                Invariant($"{path}: row {wrong} of embeddings has the length {lengths[wrong]}; expected 1, or 0."));
    }
}
