using System.Text.Json;
using System.Text.Json.Nodes;
using MoCo.Encoders;

namespace Pretrain;

/// <summary>
/// The options file: one JSON object whose keys are the flags without their dashes. A run writes what differs from its preset as
/// <c>options.json</c>, which another run can be given; keys that begin with $ say what was found and are passed over.
/// </summary>
internal static class SettingsFile
{
    public const string PresetKey = "preset", ImagesKey = "$images";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a file's keys and values as text.</summary>
    /// <exception cref="UsageException">The file is missing or not what it should be.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient) is not JsonObject found)
                throw new UsageException($"{path} is not a JSON object; expected {{ \"arch\": \"resnet18\", … }}.");
            return found.Where(entry => entry.Value is not null).ToDictionary(entry => entry.Key, entry => Text(path, entry.Key, entry.Value!), StringComparer.Ordinal);
        }
        catch (Exception error) when (error is JsonException or ArgumentException)
        {
            throw new UsageException($"{path} is not readable as JSON: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"The options file can't be read: {error.Message}");
        }
    }

    /// <summary>Applies a file's values to a plan.</summary>
    /// <exception cref="UsageException">A key is none, or a value is wrong.</exception>
    public static Plan Apply(Plan plan, string path, IReadOnlyDictionary<string, string> values)
    {
        string[] unknown = [.. values.Keys.Where(key => key != PresetKey && !key.StartsWith('$') && Settings.All.All(setting => setting.Name != key))];
        if (unknown.Length > 0)
            throw new UsageException($"{path} has {string.Join(", ", unknown.Select(key => $"'{key}'"))}; expected the flags' names without dashes: {PresetKey}, {string.Join(", ", Settings.All.Select(setting => setting.Name))}.");
        foreach (Setting setting in Settings.All)
        {
            if (!values.TryGetValue(setting.Name, out string? value)) continue;
            try
            {
                plan = setting.Apply(plan, value);
            }
            catch (UsageException error)
            {
                throw new UsageException($"{path}: {error.Message}");
            }
        }
        return plan;
    }

    /// <summary>Writes what differs from the preset, and what was found.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="images">Images that are trained on.</param>
    public static void Write(string path, Plan plan, long images)
    {
        Plan preset = Plan.For(plan.Preset);
        var file = new JsonObject { [PresetKey] = plan.Preset };
        foreach (Setting setting in Settings.All)
        {
            string? value = setting.Read(plan);
            if (value is not null && value != setting.Read(preset)) file[setting.Name] = Node(value);
        }
        file[ImagesKey] = images;
        WholeFile.Write(path, stream => JsonSerializer.Serialize(stream, file, Format));
    }

    private static JsonValue? Node(string value)
    {
        try
        {
            return JsonNode.Parse(value) is JsonValue plain ? plain : JsonValue.Create(value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value);
        }
    }

    private static string Text(string path, string key, JsonNode value) => value switch
    {
        JsonValue plain => plain.GetValueKind() == JsonValueKind.String ? plain.GetValue<string>() : plain.ToJsonString(),
        JsonArray list => string.Join(',', list.Select(item => item?.ToJsonString())),
        _ => throw new UsageException($"{path} has an object at '{key}'; expected a text, a number, true or false."),
    };
}
