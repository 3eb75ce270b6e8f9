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

    public void Write(string folder) => OutputFile.Replace(Path.Combine(folder, Name), JsonText.Of(this));

    /// <summary>Holds it against what a study's folder was begun with, if it was.</summary>
    /// <exception cref="UsageException">Something differs; the message names the flags.</exception>
    public void CheckSame(string folder)
    {
        if (Json.ReadOrNull<JsonObject>(Path.Combine(folder, Name)) is not { } was) return;
        string[] wrong = [.. JsonText.Object(this).Where(option => !JsonNode.DeepEquals(option.Value, was[option.Key]))
            .Select(option => $"--{option.Key} is {Text(option.Value)}, and was {Text(was[option.Key])}")];
        UsageException.ThrowIf(
            wrong.Length > 0,
            $"{folder} was begun otherwise: {string.Join("; ", wrong)}. Give what it was begun with, or name another --out.");

        static string Text(JsonNode? value) => value?.ToString() ?? "not given";
    }
}
