using System.Text.Json;
using System.Text.Json.Nodes;

namespace MoCo.Benchmarks.Measuring;

/// <summary>What one process measured: medians by part, and facts of the process. The same JSON comes from the scripts of the folder
/// pytorch.</summary>
internal sealed class Measurement
{
    private readonly JsonObject json;

    public Measurement(JsonObject json) => this.json = json;

    /// <summary>Median milliseconds (for the loader's parts: pairs a second).</summary>
    public double this[string part] => json[part]!.GetValue<double>();

    /// <summary>The parts whose names begin so, without that beginning.</summary>
    public IEnumerable<string> NamesAfter(string beginning)
        => json.Select(p => p.Key).Where(k => k.StartsWith(beginning, StringComparison.Ordinal)).Select(k => k[beginning.Length..]);

    public bool Has(string part) => json.ContainsKey(part);

    /// <summary>A fact of the process such as its version of libtorch, or null.</summary>
    public string? Fact(string name) => json[name]?.ToString();

    /// <summary>Reads the last line of a process's output.</summary>
    /// <exception cref="BenchmarkException">It is no JSON object.</exception>
    public static Measurement Read(string output, string process)
    {
        string last = output.TrimEnd().Split('\n')[^1];
        try
        {
            if (JsonNode.Parse(last) is JsonObject json) return new Measurement(json);
        }
        catch (JsonException)
        {
            // told below, with the line itself
        }
        throw new BenchmarkException($"{process} printed '{last}'; expected one JSON object.");
    }
}
