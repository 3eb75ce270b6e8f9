using System.Text.Json;

namespace MoCo.Data.RowGroups;

/// <summary>What Hugging Face's library writes of a table's columns into the file: JSON under the key <c>huggingface</c>.</summary>
/// <param name="Images">The columns of images.</param>
/// <param name="Classes">The columns of labels, with their names.</param>
internal sealed record HuggingFaceFeatures(IReadOnlyList<string> Images, IReadOnlyDictionary<string, string[]> Classes)
{
    internal const string Key = "huggingface";

    /// <summary>Reads them; of a file without them, or with others than are known, there are none.</summary>
    internal static HuggingFaceFeatures Read(IReadOnlyDictionary<string, string> metadata)
    {
        List<string> images = [];
        Dictionary<string, string[]> classes = [];
        try
        {
            using JsonDocument json = JsonDocument.Parse(metadata.GetValueOrDefault(Key) ?? "{}");
            JsonElement features = Property(Property(json.RootElement, "info"), "features");
            if (features.ValueKind != JsonValueKind.Object) return new HuggingFaceFeatures(images, classes);
            foreach (JsonProperty feature in features.EnumerateObject())
            {
                JsonElement type = Property(feature.Value, "_type"), names = Property(feature.Value, "names");
                if (type.ValueKind != JsonValueKind.String) continue;
                if (type.ValueEquals("Image")) images.Add(feature.Name);
                if (type.ValueEquals("ClassLabel") && names.ValueKind == JsonValueKind.Array)
                    classes[feature.Name] = [.. names.EnumerateArray().Select(name => name.ToString())];
            }
        }
        catch (JsonException)
        {
            // Then the columns' own names and types say enough.
        }
        return new HuggingFaceFeatures(images, classes);
    }

    private static JsonElement Property(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) ? value : default;
}
