using Samples.Encoders;

namespace Evaluate;

/// <summary>What the commands that measure an encoder have in common: the encoder, how it looks at images, and where results go.</summary>
internal static class EncoderCommand
{
    /// <summary>The result's property that says whether the work was ended early, with what was done until then.</summary>
    public const string Stopped = "stopped";

    /// <summary>Measures an encoder: adds to the result, which begins with what the encoder is.</summary>
    /// <returns>The main numbers, an object with the same properties for each row of a table.</returns>
    internal delegate IEnumerable<object> Work(ParseResult parsed, OpenedEncoder encoder, JsonObject result);

    /// <summary>A command that writes its results into the run's folder that the encoder lies in, if any, and where they were asked
    /// for.</summary>
    public static Command Create(string name, string description, IEnumerable<Option> own, Work work)
    {
        EncoderFlags flags = new();
        Argument<string> path = EncoderFlags.File();
        Option<string?> json = OutputFile.Option("--json", "write the results as JSON, besides those in a run's folder");
        Option<string?> csv = OutputFile.Option(
            "--csv", "write the results as comma-separated values, besides those in a run's folder");
        Command command = new(name, description) { path };
        foreach (Option option in (IEnumerable<Option>)[.. own, .. flags.All, json, csv]) command.Add(option);
        command.SetWork(parsed =>
        {
            EncoderChoice choice = flags.Read(parsed, parsed.GetValue(path)!);
            if (choice.Group.Size > 1) set_num_threads(Math.Max(1, Environment.ProcessorCount / choice.Group.LocalSize));
            using OpenedEncoder encoder = OpenedEncoder.Open(choice);
            Screen.Say($"{choice.Path}: {encoder.Summary}");
            JsonObject result = JsonText.Object(new
            {
                Command = name,
                Encoder = choice.Path,
                Layout = encoder.Layout.ToString(),
                Architecture = OpenedEncoder.Architecture(encoder.Options),
                encoder.Output,
                encoder.Dimension,
                ViewSize = encoder.Size,
                encoder.Normalization.Mean,
                encoder.Normalization.Deviation,
            });
            JsonObject[] rows = [.. work(parsed, encoder, result).Select(JsonText.Object)];
            // Once rank 0 has the features, the others' work is done.
            if (choice.Group.Rank > 0)
            {
                choice.Group.Complete();
                return;
            }
            string? inRun = null;
            if (RunFolder.Of(choice.Path) is { } run)
            {
                Directory.CreateDirectory(run.Evaluation);
                inRun = run.EvaluationFile(name);
            }
            foreach (string file in new[] { parsed.GetValue(json), inRun }.OfType<string>()) WriteJson(file, result);
            foreach (string file in new[] { parsed.GetValue(csv), Path.ChangeExtension(inRun, ".csv") }.OfType<string>())
                if (rows.Length > 0) OutputFile.Write(file, CsvText.Of(rows));
            choice.Group.Complete();
            if (result[Stopped]?.GetValue<bool>() == true)
                throw new StoppedException("what was done until then is written", new OperationCanceledException());
        });
        return command;
    }

    public static void WriteJson(string path, object result) => OutputFile.Write(path, JsonText.Of(result) + "\n");
}
