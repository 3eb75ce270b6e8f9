using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Encoders;
using Samples;
using Samples.Encoders;

namespace Search;

/// <summary>What a query must know besides the index: where the images lie and what looked at them, and how. Kept as JSON beside it.</summary>
/// <param name="Folder">The folder that the index's names are relative to.</param>
/// <param name="Encoder">The encoder's file.</param>
/// <param name="Embedding">Whether the head's output was taken.</param>
/// <param name="Stem">The encoder's first layers.</param>
/// <param name="Size">Width and height of a view.</param>
/// <param name="Mean">The pixels' mean that was taken off.</param>
/// <param name="Deviation">The pixels' deviation that was divided by.</param>
internal sealed record IndexNotes(string Folder, string Encoder, bool Embedding, Stem Stem, int Size, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation)
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The encoder as it looked at the images.</summary>
    /// <param name="settings">Device and batches.</param>
    /// <param name="path">Another place of its file; null: the noted one.</param>
    public EncoderChoice Choice(EncoderChoice settings, string? path) => new(path ?? Encoder)
    {
        Embedding = Embedding,
        Stem = Stem,
        Size = Size,
        Normalization = new Normalize(Mean, Deviation),
        BatchSize = settings.BatchSize,
        Workers = settings.Workers,
        Device = settings.Device,
    };

    public void Save(string index) => WholeFile.Write(PathOf(index), stream => JsonSerializer.Serialize(stream, this, Format));

    /// <exception cref="FileNotFoundException">There are no notes beside the index.</exception>
    /// <exception cref="InvalidDataException">They are not what they should be.</exception>
    public static IndexNotes Load(string index)
    {
        string path = PathOf(index);
        if (!File.Exists(index)) throw new FileNotFoundException($"{index}: no such file; expected an index that `search index` wrote.", index);
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; expected it beside the index, where `search index` writes both.", path);
        try
        {
            return JsonSerializer.Deserialize<IndexNotes>(File.ReadAllText(path), Format) ?? throw new JsonException("null");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path} is not what `search index` writes: {error.Message}", error);
        }
    }

    private static string PathOf(string index) => index + ".json";
}
