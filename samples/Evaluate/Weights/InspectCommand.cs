using System.Text.Json;
using MoCo.Interop;
using Samples.Encoders;
using Spectre.Console;

namespace Evaluate.Weights;

/// <summary><c>evaluate inspect</c>: what a file of weights holds, recognised or not.</summary>
internal static class InspectCommand
{
    private const int FewTensors = 12, LongestFact = 200;

    public static Command Create()
    {
        EncoderFlags flags = new();
        Argument<string> path = EncoderFlags.File("file", "any safetensors or PyTorch file, of an encoder or not, or a run's folder");
        Option<bool> tensors = new("--tensors") { Description = $"list every tensor, not only the first {FewTensors}" };
        Option<string?> json = OutputFile.Option("--json", "write everything as JSON");
        Command command = new(
            "inspect",
            "Says what a file holds: its format, whose names its tensors have, the architecture, tensors with their shapes, metadata, "
                + "and of this library's checkpoints the options and the step.") { path, tensors, json, flags.Stem };
        command.SetWork(parsed =>
        {
            using WeightFile file = WeightFile.Open(WeightPath.Of(parsed.GetValue(path)!));
            JsonObject? options = Options(file);
            IEnumerable<(string Name, string Value)> all = Facts(file, parsed.GetValue(flags.Stem));
            (string Name, string Value)[] facts = [.. options is null ? all : all.Where(fact => fact.Name != "options")];
            (string Name, string Type, IReadOnlyList<long> Shape)[] entries = [.. file.Tensors
                .Select(entry => (entry.Key, entry.Value.Type?.ToString() ?? entry.Value.TypeName, entry.Value.Shape))];

            Show(file.Path, "what", facts);
            if (options is not null)
                Show("the run's options", "option", options.Select(option => (option.Key, option.Value?.ToJsonString().Trim('"') ?? "–")));
            Table table = Screen.Table("tensors", "name").AddColumn("type").AddColumn("shape");
            int shown = parsed.GetValue(tensors) ? entries.Length : Math.Min(FewTensors, entries.Length);
            foreach ((string name, string type, IReadOnlyList<long> shape) in entries.Take(shown))
                table.Row(name, type, shape.Count == 0 ? "scalar" : string.Join('×', shape));
            Screen.Show(table);
            if (shown < entries.Length) Screen.Say($"and {Counted.Of(entries.Length - shown, "more tensor")}; --tensors lists all");

            if (parsed.GetValue(json) is not { } written) return;
            EncoderCommand.WriteJson(written, new
            {
                File = file.Path,
                Facts = facts.DistinctBy(fact => fact.Name).ToDictionary(),
                Options = options,
                file.Metadata,
                Tensors = entries.Select(entry => new { entry.Name, entry.Type, entry.Shape }),
            });
        });
        return command;
    }

    private static void Show(string title, string first, IEnumerable<(string Name, string Value)> facts)
    {
        Table table = Screen.Table(title, first).AddColumn("is");
        foreach ((string name, string value) in facts) table.Row(name, value);
        Screen.Show(table);
    }

    private static IEnumerable<(string Name, string Value)> Facts(WeightFile file, Stem? stem)
    {
        bool known = file.Layout != WeightLayout.Unknown;
        yield return ("format", file.Format);
        yield return ("layout", known ? $"{file.Layout}, has {file.Parts}" : "none that is known");
        if (known) yield return ("architecture", Architecture(file, stem));
        yield return ("size", $"{new FileInfo(file.Path).Length:N0} bytes");
        long numbers = file.Tensors.Values.Sum(tensor => tensor.Shape.Aggregate(1L, (product, side) => product * side));
        yield return ("tensors", $"{file.Tensors.Count:N0} with {numbers:N0} numbers");
        foreach ((string name, string value) in file.Metadata)
        {
            bool isTaken = name is "format" or "layout" or "architecture" or "size" or "tensors";
            yield return (isTaken ? $"{name} (metadata)" : name, value.Length > LongestFact ? value[..LongestFact] + " …" : value);
        }
        if (file.Root is not OrderedDictionary<object, object?> dictionary) yield break;
        foreach ((object key, object? value) in dictionary)
            if (value is string or long or double or bool) yield return ($"{key}", $"{value}");
    }

    private static string Architecture(WeightFile file, Stem? stem)
    {
        try
        {
            using Encoder encoder = EncoderFiles.Open(file.Path, stem);
            MoCo.Encoders.EncoderOptions options = encoder.Options!;
            bool hasHead = file.Parts.HasFlag(WeightParts.Head) || options.Head == HeadKind.Direct;
            string ending = hasHead ? $"; head {options.Head}, {options.EmbeddingDimension} numbers" : "";
            return $"{OpenedEncoder.Architecture(options)}, {options.FeatureDimension} features{ending}";
        }
        catch (InvalidDataException error)
        {
            return $"not built: {error.Message}";
        }
    }

    /// <summary>A run's options as this version has them, or as they are where it does not know them; null: it has none.</summary>
    private static JsonObject? Options(WeightFile file)
    {
        if (!file.Metadata.TryGetValue("options", out string? json)) return null;
        try
        {
            return JsonSerializer.SerializeToNode(MoCoTrainer.ReadOptions(file.Path)) as JsonObject;
        }
        catch (InvalidDataException)
        {
            return Raw(json);
        }
    }

    private static JsonObject? Raw(string json)
    {
        try
        {
            return JsonNode.Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
