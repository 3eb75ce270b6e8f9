namespace Lab;

/// <summary>What was asked for; another value is another experiment.</summary>
/// <param name="Images">Images to learn from; null: all.</param>
/// <param name="Budget">Minutes for a study.</param>
/// <param name="Epochs">Of each run; null: as many as the budget allows.</param>
/// <param name="Size">Width and height of a view; null: by the images.</param>
/// <param name="Width">Factor on the encoder's widths; null: Quickstart's.</param>
internal sealed record Asked(string Data, int? Images, int Seeds, double Budget, int? Epochs, int? Size, double? Width)
{
    private const string Name = "asked.json";

    /// <summary>Begins in a folder, or finds what it was begun with to be the same.</summary>
    /// <exception cref="UsageException">Something differs; the message names the flags.</exception>
    public void Claim(string folder)
    {
        string path = Path.Combine(folder, Name);
        if (!File.Exists(path))
        {
            OutputFile.Replace(path, JsonText.Of(this));
            return;
        }
        JsonObject was = Json.Read<JsonObject>(path);
        string[] wrong = [.. JsonText.Object(this).Where(option => !JsonNode.DeepEquals(option.Value, was[option.Key]))
            .Select(option => $"--{option.Key} is {Text(option.Value)}, and was {Text(was[option.Key])}")];
        UsageException.ThrowIf(
            wrong.Length > 0,
            $"{folder} was begun otherwise: {string.Join("; ", wrong)}. Give what it was begun with, or name another --out.");

        static string Text(JsonNode? value) => value?.ToString() ?? "not given";
    }
}
