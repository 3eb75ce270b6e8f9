using System.Text.Json;
using System.Text.Json.Serialization;
using MoCo.Interop;
using Samples.Encoders;

namespace Evaluate;

/// <summary>What is found in a file of tensors, recognised or not.</summary>
internal sealed class FileContent : IDisposable
{
    private readonly WeightFile file;

    private FileContent(WeightFile file, Stem? stem)
    {
        this.file = file;
        Facts.Add(("format", file.Format));
        Facts.Add(("layout", file.Layout == WeightLayout.Unknown ? "none that is known" : $"{file.Layout}, has {file.Parts}"));
        if (file.Layout != WeightLayout.Unknown) Facts.Add(("architecture", Architecture(file, stem)));
        Facts.Add(("size", $"{new FileInfo(file.Path).Length:N0} bytes"));
        long numbers = file.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, side) => product * side));
        Facts.Add(("tensors", $"{file.Tensors.Count:N0} with {numbers:N0} numbers"));
        foreach ((string name, string value) in file.Metadata)
        {
            if (name == "options" && Readable(value) is JsonObject options)
            {
                Options = options;
                continue;
            }
            string shown = Facts.Exists(fact => fact.Name == name) ? $"{name} (metadata)" : name;
            Facts.Add((shown, value.Length > 200 ? value[..200] + " …" : value));
        }
        if (file.Root is not OrderedDictionary<object, object?> dictionary) return;
        foreach ((object key, object? value) in dictionary)
            if (value is string or long or double or bool) Facts.Add(($"{key}", $"{value}"));
    }

    public string Path => file.Path;

    /// <summary>What there is to say, name and value.</summary>
    public List<(string Name, string Value)> Facts { get; } = [];

    /// <summary>The run's options; null where there are none.</summary>
    public JsonObject? Options { get; }

    public IEnumerable<Entry> Tensors
        => file.Tensors.Select(entry => new Entry(entry.Key, entry.Value.Type?.ToString() ?? entry.Value.TypeName, entry.Value.Shape));

    /// <summary>Reads what a file says of itself, and builds its network if it is of one.</summary>
    /// <exception cref="InvalidDataException">It is no file of tensors, or damaged.</exception>
    public static FileContent Read(string path, Stem? stem)
    {
        WeightFile file = WeightFile.Open(path);
        try
        {
            return new FileContent(file, stem);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public JsonObject Json() => new()
    {
        ["file"] = Path,
        ["facts"] = Object(Facts.DistinctBy(fact => fact.Name)),
        ["options"] = Options?.DeepClone(),
        ["metadata"] = Object(file.Metadata.Select(entry => (entry.Key, entry.Value))),
        ["tensors"] = new JsonArray([.. Tensors.Select(entry => (JsonNode)new JsonObject
        {
            ["name"] = entry.Name,
            ["type"] = entry.Type,
            ["shape"] = EncoderCommand.Array(entry.Shape),
        })]),
    };

    private static JsonObject Object(IEnumerable<(string Name, string Value)> values) =>
        new([.. values.Select(entry => KeyValuePair.Create(entry.Name, (JsonNode?)entry.Value))]);

    public void Dispose() => file.Dispose();

    private static readonly JsonSerializerOptions Named = new() { Converters = { new JsonStringEnumConverter() } };

    private static string Architecture(WeightFile file, Stem? stem)
    {
        try
        {
            using Encoder encoder = EncoderFiles.Open(file.Path, stem);
            (ProjectionHead head, ResNet backbone) = ((ProjectionHead)encoder.Head, (ResNet)encoder.Backbone);
            string ending = file.Parts.HasFlag(WeightParts.Head) ? $"; head {head.Kind}, {head.EmbeddingDimension} numbers" : "";
            return $"{OpenedEncoder.Architecture(backbone.Options)}, {backbone.FeatureDimension} features{ending}";
        }
        catch (InvalidDataException error)
        {
            return $"not built: {error.Message}";
        }
    }

    /// <summary>The options with names of choices instead of numbers; as they are where this version does not know them.</summary>
    private static JsonNode? Readable(string json)
    {
        try
        {
            JsonNode? parsed = JsonNode.Parse(json);
            try
            {
                return JsonSerializer.SerializeToNode(parsed.Deserialize<MoCoOptions>(), Named);
            }
            catch (Exception error) when (error is JsonException or NotSupportedException)
            {
                return parsed;
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A tensor in the file.</summary>
    internal readonly record struct Entry(string Name, string Type, IReadOnlyList<long> Shape);
}
