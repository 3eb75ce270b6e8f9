using System.Text.Json;
using System.Text.Json.Nodes;
using MoCo.Files;

namespace MoCo.Benchmarks.Reporting;

/// <summary>Writes what --json asks for.</summary>
internal static class JsonFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <exception cref="BenchmarkException">The file can't be written.</exception>
    public static void Write(string path, JsonObject json)
    {
        try
        {
            AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, json, Indented));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BenchmarkException($"--json {path} can't be written: {e.Message}");
        }
    }
}
