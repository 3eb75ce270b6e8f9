using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using MoCo.Encoders;
using MoCo.Reporting;
using Samples;
using Samples.Encoders;

namespace Evaluate;

/// <summary>Where results are written besides the screen.</summary>
internal sealed class ResultOptions
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Option<string?> json = new("--json") { Description = "write the results as JSON, besides those in a run's folder", HelpName = "FILE" };
    private readonly Option<string?> csv = new("--csv") { Description = "write the results as comma-separated values, besides those in a run's folder", HelpName = "FILE" };

    public void AddTo(Command command)
    {
        command.Add(json);
        command.Add(csv);
    }

    /// <summary>Refuses files that can't be written, before hours of work rather than after.</summary>
    public void Check(ParseResult parsed)
    {
        foreach (string path in new[] { parsed.GetValue(json), parsed.GetValue(csv) }.OfType<string>()) CheckFile(path);
    }

    /// <exception cref="UsageException">A folder is missing or stands where the file shall be.</exception>
    public static void CheckFile(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || Directory.Exists(path) || !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new UsageException($"'{path}' can't be written; expected the name of a file in a folder that exists.");
    }

    /// <summary>What every result says first.</summary>
    public static JsonObject Begin(string command, EncoderChoice choice, OpenedEncoder encoder) => new()
    {
        ["command"] = command,
        ["encoder"] = choice.Path,
        ["layout"] = encoder.Layout.ToString(),
        ["architecture"] = OpenedEncoder.Architecture(encoder.Options),
        ["output"] = encoder.Output,
        ["dimension"] = encoder.Dimension,
        ["view_size"] = encoder.Size,
        ["mean"] = new JsonArray([.. encoder.Normalization.Mean.Select(value => (JsonNode)value)]),
        ["deviation"] = new JsonArray([.. encoder.Normalization.Deviation.Select(value => (JsonNode)value)]),
    };

    /// <summary>Writes results into the run's folder that the encoder lies in, if any, and where they were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="encoder">The encoder's file.</param>
    /// <param name="name">The kind of evaluation, which names the files.</param>
    /// <param name="result">Everything.</param>
    /// <param name="rows">The main numbers; the first row names the columns.</param>
    public void Save(ParseResult parsed, string encoder, string name, JsonObject result, IEnumerable<string[]> rows)
    {
        List<string> jsons = [.. new[] { parsed.GetValue(json) }.OfType<string>()], tables = [.. new[] { parsed.GetValue(csv) }.OfType<string>()];
        if (RunFolder.Of(encoder) is { } run)
        {
            Directory.CreateDirectory(run.Evaluation);
            jsons.Add(run.EvaluationFile(name));
            tables.Add(Path.ChangeExtension(run.EvaluationFile(name), ".csv"));
        }
        string text = result.ToJsonString(Format) + "\n", lines = string.Concat(rows.Select(row => string.Join(',', row.Select(Quoted)) + "\n"));
        foreach (string path in jsons) Write(path, text);
        foreach (string path in tables) Write(path, lines);
    }

    /// <summary>Writes one JSON file.</summary>
    public static void Write(string path, JsonObject result) => Write(path, result.ToJsonString(Format) + "\n");

    private static void Write(string path, string text)
    {
        WholeFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
        Screen.Say($"written: {path}");
    }

    /// <summary>A cell as RFC 4180 has it.</summary>
    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
