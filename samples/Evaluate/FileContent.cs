using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MoCo;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Tensors.Safetensors;
using Samples.Encoders;

namespace Evaluate;

/// <summary>What is found in a file of tensors, recognised or not.</summary>
internal sealed class FileContent : IDisposable
{
    private readonly IDisposable file;

    private FileContent(
        string path, IDisposable file, IEnumerable<Entry> tensors, IReadOnlyDictionary<string, string> metadata, object? root)
    {
        (Path, this.file, Tensors, Metadata) = (path, file, [.. tensors], metadata);
        long numbers = Tensors.Sum(entry => entry.Shape.Aggregate(1L, (product, side) => product * side));
        Facts.Add(("format", FormatOf(path)));
        Facts.Add(("size", $"{new FileInfo(path).Length:N0} bytes"));
        Facts.Add(("tensors", $"{Tensors.Count:N0} with {numbers:N0} numbers"));
        foreach ((string name, string value) in metadata)
        {
            if (name == "options" && Readable(value) is JsonObject options)
            {
                Options = options;
                continue;
            }
            string shown = Facts.Exists(fact => fact.Name == name) ? $"{name} (metadata)" : name;
            Facts.Add((shown, value.Length > 200 ? value[..200] + " …" : value));
        }
        if (root is not OrderedDictionary<object, object?> dictionary) return;
        foreach ((object key, object? value) in dictionary)
            if (value is string or long or double or bool) Facts.Add(($"{key}", $"{value}"));
    }

    public string Path { get; }

    /// <summary>What there is to say, name and value.</summary>
    public List<(string Name, string Value)> Facts { get; } = [];

    /// <summary>The run's options; null where there are none.</summary>
    public JsonObject? Options { get; }

    public IReadOnlyList<Entry> Tensors { get; }

    private IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Reads what a file says of itself, and builds its network if it is of one.</summary>
    /// <exception cref="InvalidDataException">It is no file of tensors, or damaged.</exception>
    public static FileContent Read(string path, Stem? stem)
    {
        string unknown;
        try
        {
            WeightFile known = WeightFile.Open(path);
            IEnumerable<Entry> tensors = known.Tensors.Select(entry =>
                new Entry(entry.Key, entry.Value.Type?.ToString() ?? entry.Value.TypeName, entry.Value.Shape));
            FileContent content = new(path, known, tensors, known.Metadata, known.Root);
            content.Facts.Insert(1, ("layout", $"{known.Layout}, has {known.Parts}"));
            content.Facts.Insert(2, ("architecture", Architecture(path, known.Parts, stem)));
            return content;
        }
        catch (InvalidDataException error)
        {
            unknown = error.Message;
        }
        // Tensors under names that nobody knows can still be listed; a damaged file fails again, by its own message.
        FileContent plain = FormatOf(path) == Safetensors ? OfSafetensors(path) : OfPyTorch(path);
        plain.Facts.Insert(1, ("layout", $"none that is known: {unknown}"));
        return plain;
    }

    public JsonObject Json() => new()
    {
        ["file"] = Path,
        ["facts"] = Object(Facts.DistinctBy(fact => fact.Name)),
        ["options"] = Options?.DeepClone(),
        ["metadata"] = Object(Metadata.Select(entry => (entry.Key, entry.Value))),
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

    private const string Safetensors = "safetensors";

    private static readonly JsonSerializerOptions Named = new() { Converters = { new JsonStringEnumConverter() } };

    private static string FormatOf(string path)
    {
        using FileStream stream = File.OpenRead(path);
        byte[] start = new byte[8];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return read < 8 ? Safetensors : start switch
        {
            [(byte)'P', (byte)'K', 3, 4, ..] => "PyTorch, zip (1.6 and later)",
            [0x80, < 6, ..] when start.AsSpan(4).ContainsAnyExcept((byte)0) => "PyTorch, legacy (before 1.6)",
            _ => Safetensors,
        };
    }

    private static FileContent OfSafetensors(string path)
    {
        SafetensorsFile file = SafetensorsFile.Open(path);
        IEnumerable<Entry> tensors = file.Entries.Select(entry => new Entry(entry.Name, entry.TypeName, entry.Shape));
        return new FileContent(path, file, tensors, file.Metadata, null);
    }

    private static FileContent OfPyTorch(string path)
    {
        PyTorchCheckpoint file = PyTorchCheckpoint.Open(path);
        IEnumerable<Entry> tensors = file.Tensors.Select(entry => new Entry(entry.Key, entry.Value.TypeName, entry.Value.Shape));
        return new FileContent(path, file, tensors, new Dictionary<string, string>(), file.Root);
    }

    private static string Architecture(string path, WeightParts parts, Stem? stem)
    {
        try
        {
            using Encoder encoder = EncoderFiles.Open(path, stem);
            (ProjectionHead head, ResNet backbone) = ((ProjectionHead)encoder.Head, (ResNet)encoder.Backbone);
            string ending = parts.HasFlag(WeightParts.Head) ? $"; head {head.Kind}, {head.EmbeddingDimension} numbers" : "";
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
