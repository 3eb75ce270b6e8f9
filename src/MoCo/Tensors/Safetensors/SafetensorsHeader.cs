using System.Text.Json;

namespace MoCo.Tensors.Safetensors;

/// <summary>The header of a safetensors file, checked.</summary>
/// <param name="Entries">The tensors in the order in which they lie.</param>
/// <param name="Metadata">The text entries.</param>
internal sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Entries, IReadOnlyDictionary<string, string> Metadata)
{
    private const int RankLimit = 64; // libtorch's own
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static SafetensorsHeader Parse(string path, byte[] json, long available)
    {
        List<SafetensorsEntry> entries = new();
        Dictionary<string, string> metadata = new(StringComparer.Ordinal);
        if (json[0] != '{')
            throw new InvalidDataException($"{path} has a damaged header: it starts with the byte {json[0]}; expected '{{'.");
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Strict);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name != "__metadata__")
                {
                    entries.Add(Entry(property));
                    continue;
                }
                foreach (JsonProperty text in property.Value.EnumerateObject())
                    metadata.Add(text.Name, text.Value.GetString() ?? throw new FormatException($"metadata '{text.Name}' is null"));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException or OverflowException)
        {
            throw new InvalidDataException($"{path} has a damaged header: {e.Message}", e);
        }
        entries.Sort((a, b) => (a.Start, a.Length).CompareTo((b.Start, b.Length)));
        long end = 0;
        foreach (SafetensorsEntry entry in entries)
        {
            if (entry.Start != end)
            {
                throw new InvalidDataException($"{path}: tensor '{entry.Name}' starts at byte {entry.Start}; "
                    + $"expected {end}, without {(entry.Start > end ? "a hole" : "an overlap")}.");
            }
            end += entry.Length;
        }
        if (end != available)
        {
            throw new InvalidDataException($"{path}: the tensors take {end} bytes, and {available} follow the header "
                + $"({(end > available ? "truncated" : "something was added")}).");
        }
        return new SafetensorsHeader(entries, metadata);
    }

    private static SafetensorsEntry Entry(JsonProperty property)
    {
        string tensor = $"tensor '{property.Name}'";
        if (property.Name.Length == 0 || property.Name.Contains('\0'))
        {
            string shown = property.Name.Replace("\0", "\\0", StringComparison.Ordinal);
            throw new FormatException($"a tensor has the name '{shown}'; expected text without NUL");
        }
        string name = property.Value.GetProperty("dtype").GetString() ?? "null";
        TensorType type = TensorType.Find(name)
            ?? throw new FormatException($"{tensor} has the unknown dtype {name}; expected one of {TensorType.Names}");
        long[] shape = Numbers("shape"), offsets = Numbers("data_offsets");
        if (shape.Length > RankLimit) throw new FormatException($"{tensor} has {shape.Length} dimensions; expected up to {RankLimit}");
        if (shape.Any(d => d < 0)) throw new FormatException($"{tensor} has a negative dimension");
        if (offsets is not [>= 0, _] || offsets[1] < offsets[0])
            throw new FormatException($"{tensor} has the data_offsets [{string.Join(", ", offsets)}]; expected a start and an end");
        long length = type.Bytes(shape);
        if (offsets[1] - offsets[0] != length)
            throw new FormatException($"{tensor} of {length} bytes has room for {offsets[1] - offsets[0]}");
        return new SafetensorsEntry(property.Name, type, shape, offsets[0], length);

        long[] Numbers(string list) => [.. property.Value.GetProperty(list).EnumerateArray().Select(d => d.GetInt64())];
    }
}

/// <summary>One tensor of the file; <paramref name="Start"/> counts from the end of the header.</summary>
internal sealed record SafetensorsEntry(string Name, TensorType Type, long[] Shape, long Start, long Length);

/// <summary>Safetensors' element types: name, TorchSharp's type (null where it has none), bytes.</summary>
internal sealed record TensorType(string Name, ScalarType? Type, int Size)
{
    private static readonly TensorType[] Known =
    [
        new("F64", ScalarType.Float64, 8), new("F32", ScalarType.Float32, 4), new("F16", ScalarType.Float16, 2),
        new("BF16", ScalarType.BFloat16, 2), new("I64", ScalarType.Int64, 8), new("I32", ScalarType.Int32, 4),
        new("I16", ScalarType.Int16, 2), new("I8", ScalarType.Int8, 1), new("U8", ScalarType.Byte, 1), new("BOOL", ScalarType.Bool, 1),
        new("U64", null, 8), new("U32", null, 4), new("U16", null, 2), new("F8_E5M2", null, 1), new("F8_E4M3", null, 1),
    ];

    public static string Names => string.Join(", ", Known.Select(k => k.Name));

    /// <summary>TorchSharp's types that can be written.</summary>
    public static string Writable => string.Join(", ", Known.Select(k => k.Type).OfType<ScalarType>());

    public static bool CanHold(ScalarType type) => Known.Any(k => k.Type == type);

    public static TensorType Of(ScalarType type) => Array.Find(Known, k => k.Type == type)
        ?? throw new NotSupportedException($"Tensors of {type} can't be written; expected one of {Writable}.");

    public static TensorType? Find(string name) => Array.Find(Known, k => k.Name == name);

    /// <exception cref="OverflowException">They can't be counted.</exception>
    public long Bytes(IEnumerable<long> shape) => shape.Aggregate((long)Size, (product, d) => checked(product * d));
}
