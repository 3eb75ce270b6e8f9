using System.Text.Json;
using static TorchSharp.torch;

namespace MoCo.Tensors.Safetensors;

/// <summary>The header of a safetensors file, checked.</summary>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    private const int RankLimit = 64; // libtorch's own
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    /// <param name="path">The file, for messages.</param>
    /// <param name="json">The header's bytes.</param>
    /// <param name="available">Bytes that follow the header.</param>
    public static SafetensorsHeader Parse(string path, byte[] json, long available)
    {
        var entries = new List<SafetensorsEntry>();
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        if (json[0] != '{') throw new InvalidDataException($"{path} has a damaged header: it starts with the byte {json[0]}; expected '{{'.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == "__metadata__")
                    foreach (JsonProperty entry in property.Value.EnumerateObject()) metadata.Add(entry.Name, entry.Value.GetString() ?? throw new FormatException($"metadata '{entry.Name}' is null"));
                else
                    entries.Add(Entry(property));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or OverflowException)
        {
            throw new InvalidDataException($"{path} has a damaged header: {e.Message}", e);
        }

        entries.Sort((a, b) => (a.Start, a.Length).CompareTo((b.Start, b.Length)));
        long end = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Start != end)
                throw new InvalidDataException($"{path}: tensor '{entry.Name}' starts at byte {entry.Start}; expected {end}, without {(entry.Start > end ? "a hole" : "an overlap")}.");
            end += entry.Length;
        }
        if (end != available)
            throw new InvalidDataException($"{path}: the tensors take {end} bytes, and {available} follow the header ({(end > available ? "truncated" : "something was added")}).");
        return new SafetensorsHeader(entries, metadata);
    }

    private static SafetensorsEntry Entry(JsonProperty property)
    {
        if (property.Name.Length == 0 || property.Name.Contains('\0')) throw new FormatException($"a tensor has the name '{property.Name.Replace("\0", "\\0", StringComparison.Ordinal)}'; expected text without NUL");
        string name = property.Value.GetProperty("dtype").GetString() ?? "null";
        TensorType type = TensorType.Find(name) ?? throw new FormatException($"tensor '{property.Name}' has the unknown dtype {name}; expected one of {TensorType.Names}");
        long[] shape = [.. property.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64())];
        long[] offsets = [.. property.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64())];
        if (shape.Length > RankLimit) throw new FormatException($"tensor '{property.Name}' has {shape.Length} dimensions; expected up to {RankLimit}");
        if (shape.Any(d => d < 0)) throw new FormatException($"tensor '{property.Name}' has a negative dimension");
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0]) throw new FormatException($"tensor '{property.Name}' has the data_offsets [{string.Join(", ", offsets)}]; expected a start and an end");
        long length = shape.Aggregate((long)type.Size, (product, d) => checked(product * d));
        if (offsets[1] - offsets[0] != length) throw new FormatException($"tensor '{property.Name}' of {length} bytes has room for {offsets[1] - offsets[0]}");
        return new SafetensorsEntry(property.Name, type.Name, type.Type, shape, offsets[0], length);
    }
}
