using System.Text.Encodings.Web;
using System.Text.Json;
using Samples.Encoders;

namespace Evaluate;

/// <summary>What the commands that measure an encoder have in common: the encoder, how it looks at images, and where results go.</summary>
internal sealed class EncoderCommand(string name, string description, params IEnumerable<Option> own)
{
    private static readonly JsonSerializerOptions Format
        = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Argument<string> path = EncoderFlags.File();
    private readonly Option<string?> json = OutputFile.Option("--json", "write the results as JSON, besides those in a run's folder");
    private readonly Option<string?> csv = OutputFile.Option(
        "--csv", "write the results as comma-separated values, besides those in a run's folder");

    /// <summary>The command with its work.</summary>
    public Command With(Action<ParseResult, EncoderChoice, OpenedEncoder> work)
    {
        EncoderFlags encoder = new();
        Command command = new(name, description) { path };
        foreach (Option option in own) command.Add(option);
        encoder.AddTo(command);
        command.Add(json);
        command.Add(csv);
        command.SetWork(parsed =>
        {
            OutputFile.Check(parsed.GetValue(json));
            OutputFile.Check(parsed.GetValue(csv));
            EncoderChoice choice = encoder.Read(parsed, parsed.GetValue(path)!);
            using OpenedEncoder opened = OpenedEncoder.Open(choice);
            Screen.Say($"{choice.Path}: {opened.Summary}");
            work(parsed, choice, opened);
        });
        return command;
    }

    /// <summary>What every result says first.</summary>
    public JsonObject Begin(EncoderChoice choice, OpenedEncoder encoder) => new()
    {
        ["command"] = name,
        ["encoder"] = choice.Path,
        ["layout"] = encoder.Layout.ToString(),
        ["architecture"] = OpenedEncoder.Architecture(encoder.Options),
        ["output"] = encoder.Output,
        ["dimension"] = encoder.Dimension,
        ["view_size"] = encoder.Size,
        ["mean"] = Array(encoder.Normalization.Mean),
        ["deviation"] = Array(encoder.Normalization.Deviation),
    };

    /// <summary>Writes results into the run's folder that the encoder lies in, if any, and where they were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="encoder">The encoder's file.</param>
    /// <param name="result">Everything.</param>
    /// <param name="rows">The main numbers; the first row names the columns.</param>
    public void Save(ParseResult parsed, string encoder, JsonObject result, IEnumerable<string[]> rows)
    {
        RunFolder? run = RunFolder.Of(encoder);
        if (run is not null) Directory.CreateDirectory(run.Evaluation);
        string? inRun = run?.EvaluationFile(name);
        foreach (string file in new[] { parsed.GetValue(json), inRun }.OfType<string>()) WriteJson(file, result);
        string? table = Path.ChangeExtension(inRun, ".csv");
        string lines = string.Concat(rows.Select(row => string.Join(',', row.Select(Quoted)) + "\n"));
        foreach (string file in new[] { parsed.GetValue(csv), table }.OfType<string>()) OutputFile.Write(file, lines);
    }

    public static void WriteJson(string path, JsonObject result) => OutputFile.Write(path, result.ToJsonString(Format) + "\n");

    public static JsonArray Array<T>(IEnumerable<T> values) => new([.. values.Select(value => (JsonNode?)JsonValue.Create(value))]);

    /// <summary>A cell as RFC 4180 has it.</summary>
    private static string Quoted(string cell) =>
        cell.AsSpan().ContainsAny(",\"\r\n") ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell;
}
