using System.Text.Json;

namespace MoCo.Reporting;

/// <summary>A row as a line of JSON: <c>{"step":100,"loss":7.9}</c>. JSON has no word for what is not finite: null.</summary>
internal static class MetricsLine
{
    public const string Step = "step";

    /// <summary>The line with its line feed.</summary>
    public static byte[] Write(long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteNumber(Step, step);
            foreach ((string name, double value) in values)
            {
                if (double.IsFinite(value)) writer.WriteNumber(name, value);
                else writer.WriteNull(name);
            }
            writer.WriteEndObject();
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <returns>Null where the line is no row.</returns>
    public static MetricsRow? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            long? step = null;
            var values = new Dictionary<string, double>();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == Step && property.Value.TryGetInt64(out long read)) step = read;
                else if (property.Value.ValueKind == JsonValueKind.Null) values[property.Name] = double.NaN;
                else if (property.Value.ValueKind == JsonValueKind.Number) values[property.Name] = property.Value.GetDouble();
                else return null;
            }
            return step is long known ? new MetricsRow(known, values) : null;
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
