using System.Text.Json;
using MoCo.Evaluation.Search;
using Samples.Encoders;

namespace Search;

/// <summary>What a query must know besides the index: where the images lie, what looked at them, and how. JSON beside it.</summary>
/// <param name="Folder">The folder that the index's names are relative to.</param>
/// <param name="Embedding">Whether the head's output was taken.</param>
/// <param name="Mean">The pixels' mean that was taken off.</param>
/// <param name="Deviation">The pixels' deviation that was divided by.</param>
internal sealed record IndexNotes(
    string Folder, string Encoder, bool Embedding, Stem Stem, int Size, IReadOnlyList<double> Mean, IReadOnlyList<double> Deviation)
{
    private const string Usual = "index.safetensors";

    private static readonly JsonSerializerOptions Format = new(JsonText.Format)
    {
        PropertyNamingPolicy = null,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new System.Text.Json.Serialization.JsonStringEnumConverter() },
    };

    /// <summary>The encoder as it looked at the images.</summary>
    /// <param name="settings">Its file, device and batches.</param>
    public EncoderChoice Choice(EncoderChoice settings) => settings with
    {
        Embedding = Embedding,
        Stem = Stem,
        Size = Size,
        Normalization = new Normalize(Mean, Deviation),
        // Of a handful of images asked about each is told that cannot be read; the others are looked for.
        MaximumErrorShare = 1,
    };

    /// <summary>Names the index.</summary>
    public static Option<string> Index { get; } =
        Values.Word("FILE").Option("--index", "an index that `search index` wrote").Or(Usual);

    /// <summary>Names the index to write.</summary>
    public static Option<string?> Out() => OutputFile.Option("--out", "the index to make or replace").Or(Usual);

    /// <summary>Names another place of its images.</summary>
    public static Option<string> Moved { get; } =
        Values.Word("DIR").Option("--images", "where the images lie, if they were moved since");

    public void Save(string index) => OutputFile.Replace(PathOf(index), JsonSerializer.Serialize(this, Format));

    /// <summary>Opens an index with its notes, which name the folder where its images lie now.</summary>
    public static (SimilarityIndex Index, IndexNotes Notes) Open(ParseResult parsed)
    {
        string path = NamedPath.File(Index.Name, parsed.GetValue(Index)!, "an index that `search index` wrote");
        IndexNotes notes = Load(path);
        string? moved = parsed.GetValue(Moved);
        if (moved is not null) NamedPath.Folder(Moved.Name, moved, "the folder of the index's images");
        return (SimilarityIndex.Load(path), notes with { Folder = moved ?? notes.Folder });
    }

    /// <summary>The full path of an image by its name in the index.</summary>
    public string FileOf(string name) => Path.GetFullPath(Path.Combine(Folder, name));

    /// <exception cref="UsageException">There are no notes beside the index.</exception>
    /// <exception cref="InvalidDataException">They are not what they should be.</exception>
    private static IndexNotes Load(string index)
    {
        string path = NamedPath.File("the index's JSON", PathOf(index), "it beside the index, where `search index` writes both");
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
