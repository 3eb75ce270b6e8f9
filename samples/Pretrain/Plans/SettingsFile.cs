using System.Text.Json;

namespace Pretrain.Plans;

/// <summary>The options file: one JSON object whose keys are the flags without their dashes. A run writes what differs from its preset as
/// <c>options.json</c>, which another run can be given; keys that begin with $ say what was found and are passed over.</summary>
/// <param name="Preset">The preset, if the file names one.</param>
/// <param name="Images">How many images the file's run was trained on, if it says so.</param>
/// <param name="Processors">How many processors that run's machine had, if it says so.</param>
/// <param name="Flags">The flags that the file stands for.</param>
internal sealed record SettingsFile(string? Preset, long? Images, long? Processors, ParseResult Flags)
{
    private const string PresetKey = "preset", ImagesKey = "$images", FormerImagesKey = "$pictures", ProcessorsKey = "$processors";

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <exception cref="UsageException">The file is missing or not what it should be.</exception>
    public static SettingsFile Read(string path)
    {
        try
        {
            if (JsonNode.Parse(File.ReadAllText(path), documentOptions: Lenient) is not JsonObject found)
                throw new UsageException($"{path} is not a JSON object; expected {{ \"arch\": \"resnet18\", … }}.");
            if (found.GroupBy(entry => FormerNames.Now(entry.Key)).FirstOrDefault(entries => entries.Count() > 1) is { } twice)
                throw new UsageException($"{path} has '{string.Join("' and '", twice.Select(entry => entry.Key))}', which are the same; "
                    + "expected one of them.");
            Dictionary<string, string> values = found.Where(entry => entry.Value is not null)
                .ToDictionary(entry => FormerNames.Now(entry.Key), entry => Text(path, entry.Key, entry.Value!));
            string? preset = values.GetValueOrDefault(PresetKey);
            string[] keys = [.. values.Keys.Where(key => key != PresetKey && !key.StartsWith('$'))];
            string[] known = [.. Settings.All.Select(setting => setting.Name)], unknown = [.. keys.Except(known)];
            if (unknown.Length > 0)
                throw new UsageException($"{path} has '{string.Join("', '", unknown)}'; expected the flags' names without dashes: "
                    + $"{PresetKey}, {string.Join(", ", known)}.{Nearest.Question(unknown[0], known)}");
            ParseResult flags = Settings.Parse([.. keys.SelectMany(key => new[] { "--" + key, values[key] })], path);
            return new SettingsFile(preset, Found(ImagesKey) ?? Found(FormerImagesKey), Found(ProcessorsKey), flags);

            long? Found(string key) => long.TryParse(values.GetValueOrDefault(key), out long count) ? count : null;
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

    /// <summary>Whether the file sets something on this machine: threads are those of the machine that it was written on.</summary>
    public bool Has(Setting setting) => setting.IsIn(Flags) && !(setting.IsOfProcessors && Processors is { } count
        && count != Environment.ProcessorCount);

    /// <summary>The plan that the file alone makes.</summary>
    public Plan Plan() => Settings.Apply(
        Settings.All.Where(Has).Select(setting => (setting, Flags)),
        Plans.Plan.For(Preset ?? Plans.Plan.UsualPreset));

    /// <summary>Writes what differs from the preset, and what was found.</summary>
    public static void Write(string path, Plan plan, long images)
    {
        Plan preset = Plans.Plan.For(plan.Preset);
        JsonObject file = new() { [PresetKey] = plan.Preset };
        foreach (Setting setting in Settings.All)
            if (setting.Read(plan) is { } value && value != setting.Read(preset)) file[setting.Name] = Node(value, setting.Separator);
        (file[ImagesKey], file[ProcessorsKey]) = (images, Environment.ProcessorCount);
        OutputFile.Replace(path, JsonText.Of(file));
    }

    /// <summary>A number, true or false as such, several paths as a list, everything else as text.</summary>
    private static JsonNode Node(string value, char separator)
    {
        if (separator != ',' && value.Contains(separator, StringComparison.Ordinal))
            return new JsonArray([.. value.Split(separator).Select(item => JsonValue.Create(item))]);
        try
        {
            return JsonNode.Parse(value) as JsonValue ?? JsonValue.Create(value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(value);
        }
    }

    private static string Text(string path, string key, JsonNode value) => value switch
    {
        JsonValue plain => plain.ToString(),
        JsonArray list => string.Join(
            Settings.All.FirstOrDefault(setting => setting.Name == key)?.Separator ?? ',', list.Select(item => item?.ToString())),
        _ => throw new UsageException($"{path} has an object at '{key}'; expected a text, a number, true or false."),
    };
}
