using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Samples.CommandLine;
using Samples.Encoders;
using Spectre.Console;

namespace Evaluate;

/// <summary><c>evaluate inspect</c>: what a file of weights holds.</summary>
internal static class InspectCommand
{
    private const int FewTensors = 12;

    public static Command Create()
    {
        var encoder = new EncoderFlags();
        Argument<string> path = new("file") { Description = "any safetensors or PyTorch file, of an encoder or not, or a run's folder", HelpName = "FILE" };
        Option<bool> tensors = new("--tensors") { Description = $"list every tensor, not only the first {FewTensors}" };
        Option<string?> json = new("--json") { Description = "write everything as JSON", HelpName = "FILE" };
        var command = new Command("inspect", "Says what a file holds: its format, whose names its tensors have, the architecture, tensors with their shapes, metadata, and of this library's checkpoints the options and the step.") { path, tensors, json };
        encoder.AddStemTo(command);
        command.SetWork(parsed =>
        {
            if (parsed.GetValue(json) is { } given) ResultOptions.CheckFile(given);
            using FileContent content = FileContent.Read(WeightPath.Of(parsed.GetValue(path)!), encoder.ReadStem(parsed));
            Show(content, parsed.GetValue(tensors));
            if (parsed.GetValue(json) is { } file) ResultOptions.Write(file, content.Json());
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
        foreach (FileContent.Entry entry in entries.Take(shown)) tensors.Row(entry.Name, entry.Type, entry.Shape.Count == 0 ? "scalar" : string.Join('×', entry.Shape));
        Screen.Show(tensors);
        if (shown < entries.Length) Screen.Say(string.Create(CultureInfo.InvariantCulture, $"and {entries.Length - shown:N0} tensors more; --tensors lists all"));
    }
}
