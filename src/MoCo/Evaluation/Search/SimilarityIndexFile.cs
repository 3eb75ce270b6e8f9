using System.Text;
using MoCo.Tensors;
using MoCo.Tensors.Safetensors;

namespace MoCo.Evaluation.Search;

/// <summary>The file of a <see cref="SimilarityIndex"/>, a sealed safetensors file: <c>embeddings</c> (N×D float32), <c>names</c> (all
/// names in UTF-8, one after the other) and <c>name_ends</c> (N int64: where each ends).</summary>
internal static class SimilarityIndexFile
{
    private const string Format = "moco-similarity-index", Schema = "1";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static void Write(string path, SimilarityIndex index)
    {
        using DisposeScope scope = NewDisposeScope();
        byte[][] texts = [.. index.Names.Select(Utf8.GetBytes)];
        long end = 0;
        long[] ends = [.. texts.Select(text => end += text.Length)];
        byte[] all = [.. texts.SelectMany(text => text)];
        SafetensorsWriter.Write(
            path,
            [("embeddings", index.Unit), ("names", tensor(all, dtype: ScalarType.Byte)), ("name_ends", tensor(ends))],
            new Dictionary<string, string> { ["format"] = Format, ["schema"] = Schema });
    }

    /// <returns>N×D, in no scope, and N names.</returns>
    internal static (Tensor Embeddings, string[] Names) Read(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path, "a similarity index");
        string Stated(string name) => file.Metadata.GetValueOrDefault(name) ?? "not stated";
        (string format, string schema) = (Stated("format"), Stated("schema"));
        if (format != Format || schema != Schema)
        {
            throw new InvalidDataException($"{path} is no similarity index that can be read: its format is '{format}', schema '{schema}'; "
                + $"expected '{Format}', '{Schema}'.");
        }
        file.VerifySeal();
        TorchLibrary.Load();
        using DisposeScope scope = NewDisposeScope();
        IReadOnlyList<long> shape = Entry(file, path, "embeddings", ScalarType.Float32, 2);
        IReadOnlyList<long> bytes = Entry(file, path, "names", ScalarType.Byte, 1);
        long count = Entry(file, path, "name_ends", ScalarType.Int64, 1)[0];
        if (shape[0] != count || count is < 1 or > int.MaxValue || shape[1] < 1)
            throw new InvalidDataException($"{path} has embeddings {string.Join('×', shape)} and {count} names; expected N×D and N.");
        long[] ends = file.Read("name_ends").data<long>().ToArray();
        byte[] text = bytes[0] == 0 ? [] : file.Read("names").data<byte>().ToArray();
        string[] names = new string[count];
        long start = 0;
        for (int i = 0; i < names.Length; i++)
        {
            if (ends[i] < start || ends[i] > text.Length)
                throw new InvalidDataException($"{path}: name {i} ends at byte {ends[i]}; expected {start} to {text.Length}.");
            names[i] = Decode(path, i, text.AsSpan((int)start, (int)(ends[i] - start)));
            start = ends[i];
        }
        if (start != text.Length)
            throw new InvalidDataException($"{path}: the names end at byte {start}; expected {text.Length}, the end of all.");
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

    private static IReadOnlyList<long> Entry(SafetensorsFile file, string path, string name, ScalarType type, int dimensions)
    {
        StoredTensor entry = file.Tensors.GetValueOrDefault(name)
            ?? throw new InvalidDataException($"{path} has no tensor '{name}'; expected one.");
        return entry.Type == type && entry.Shape.Count == dimensions ? entry.Shape : throw new InvalidDataException(
            $"{path}: {name} is {string.Join('×', entry.Shape)} {entry.Type}; expected {dimensions} dimensions of {type}.");
    }

    private static string Decode(string path, int index, ReadOnlySpan<byte> text)
    {
        try
        {
            return Utf8.GetString(text);
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path}: name {index} is no UTF-8 text.", e);
        }
    }
}
