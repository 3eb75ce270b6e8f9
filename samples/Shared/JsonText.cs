using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Samples;

/// <summary>JSON as the programs write it: names with underscores, and null for numbers that are none.</summary>
internal static class JsonText
{
    public static JsonSerializerOptions Format { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new FiniteOrNull() },
    };

    public static string Of(object value) => JsonSerializer.Serialize(value, Format);

    /// <summary>An object's properties as those of a JSON object.</summary>
    public static JsonObject Object(object value) => JsonSerializer.SerializeToNode(value, Format)!.AsObject();

    /// <summary>Adds an object's properties.</summary>
    public static void Add(this JsonObject to, object values)
    {
        foreach ((string name, JsonNode? value) in Object(values)) to[name] = value?.DeepClone();
    }

    private sealed class FiniteOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(value);
            else writer.WriteNullValue();
        }
    }
}
