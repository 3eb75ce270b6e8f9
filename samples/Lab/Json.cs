using System.Text.Json;

namespace Lab;

/// <summary>The laboratory's own files.</summary>
internal static class Json
{
    /// <exception cref="UsageException">The file is not what the laboratory wrote.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), JsonText.Format)!;
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path} is damaged: {error.Message} Remove it, or name another --out.");
        }
    }

    /// <summary>What a file has; null where there is none.</summary>
    public static T? ReadOrNull<T>(string path) where T : class => File.Exists(path) ? Read<T>(path) : null;
}
