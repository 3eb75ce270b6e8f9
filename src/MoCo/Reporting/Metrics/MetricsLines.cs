using System.Text.Json;

namespace MoCo.Reporting.Metrics;

/// <summary>Rows as lines of JSON: <c>{"step":100,"loss":7.9}</c>. JSON has no word for what is not finite: null.</summary>
internal static class MetricsLines
{
    public const string Step = "step";

    // As version 0.1 called it.
    private const string FormerImagesPerSecond = "pictures_per_second";

    /// <summary>A row's line with its line feed.</summary>
    public static byte[] Write(long step, IEnumerable<KeyValuePair<string, double>> values)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes))
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

    /// <summary>Reads all lines but a last one that has no end: the rows, and where in the file each one's line ends.</summary>
    /// <exception cref="InvalidDataException">A line is no row; the message has its number.</exception>
    public static List<(MetricsRow Row, int End)> Read(ReadOnlySpan<byte> bytes, string path)
    {
        List<(MetricsRow, int)> rows = new();
        for (int start = 0; start < bytes.Length;)
        {
            int length = bytes[start..].IndexOf((byte)'\n');
            if (length < 0) break;
            MetricsRow? row = Parse(bytes.Slice(start, length));
            start += length + 1;
            // After a power cut a file system may have left zeros where the last write should be.
            if (row is null && start == bytes.Length) break;
            if (row is null)
            {
                throw new InvalidDataException($"Line {rows.Count + 1} of '{path}' is no row of metrics; "
                    + $"expected an object of numbers with a \"{Step}\".");
            }
            rows.Add((row, start));
        }
        return rows;
    }

    // Null where the line is no row.
    private static MetricsRow? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            Utf8JsonReader reader = new(line);
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object) return null;
            long? step = null;
            Dictionary<string, double> values = new();
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                if (property.Name == Step && property.Value.TryGetInt64(out long read)) step = read;
                else if (property.Value.ValueKind == JsonValueKind.Null) values[Present(property.Name)] = double.NaN;
                else if (property.Value.ValueKind == JsonValueKind.Number) values[Present(property.Name)] = property.Value.GetDouble();
                else return null;
            }
            return step is long known ? new MetricsRow(known, values) : null;
        }
        catch (Exception cause) when (cause is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Present(string name) => name == FormerImagesPerSecond ? MetricsRow.ImagesPerSecond : name;
}
