using Samples.Encoders;
using Spectre.Console;

namespace Evaluate;

/// <summary><c>evaluate inspect</c>: what a file of weights holds.</summary>
internal static class InspectCommand
{
    private const int FewTensors = 12;

    public static Command Create()
    {
        EncoderFlags encoder = new();
        Argument<string> path = EncoderFlags.File("file", "any safetensors or PyTorch file, of an encoder or not, or a run's folder");
        Option<bool> tensors = new("--tensors") { Description = $"list every tensor, not only the first {FewTensors}" };
        Option<string?> json = OutputFile.Option("--json", "write everything as JSON");
        Command command = new(
            "inspect",
            "Says what a file holds: its format, whose names its tensors have, the architecture, tensors with their shapes, metadata, "
                + "and of this library's checkpoints the options and the step.") { path, tensors, json };
        encoder.AddStemTo(command);
        command.SetWork(parsed =>
        {
            OutputFile.Check(parsed.GetValue(json));
            using FileContent content = FileContent.Read(WeightPath.Of(parsed.GetValue(path)!), encoder.ReadStem(parsed));
            Show(content, parsed.GetValue(tensors));
            if (parsed.GetValue(json) is { } file) EncoderCommand.WriteJson(file, content.Json());
        });
        return command;
    }

    private static void Show(FileContent content, bool all)
    {
        Table table = Screen.Table(content.Path, "what").AddColumn("is");
        foreach ((string name, string value) in content.Facts) table.Row(name, value);
        Screen.Show(table);
        if (content.Options is { } options)
        {
            Table list = Screen.Table("the run's options", "option").AddColumn("is");
            foreach ((string name, JsonNode? value) in options) list.Row(name, value?.ToJsonString().Trim('"') ?? "–");
            Screen.Show(list);
        }
        FileContent.Entry[] entries = [.. content.Tensors];
        int shown = all ? entries.Length : Math.Min(FewTensors, entries.Length);
        Table tensors = Screen.Table("tensors", "name").AddColumn("type").AddColumn("shape");
        foreach ((string name, string type, IReadOnlyList<long> shape) in entries.Take(shown))
            tensors.Row(name, type, shape.Count == 0 ? "scalar" : string.Join('×', shape));
        Screen.Show(tensors);
        if (shown < entries.Length) Screen.Say($"and {entries.Length - shown:N0} tensors more; --tensors lists all");
    }
}
