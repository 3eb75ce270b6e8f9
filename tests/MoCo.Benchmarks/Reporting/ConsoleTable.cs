using Spectre.Console;

namespace MoCo.Benchmarks.Reporting;

/// <summary>A table in a terminal, tab-separated lines elsewhere.</summary>
internal static class ConsoleTable
{
    /// <summary>The same as Markdown.</summary>
    public static void PrintMarkdown(string[] heads, IEnumerable<string[]> lines)
    {
        foreach (string[] line in lines.Prepend([.. heads.Select((_, column) => column == 0 ? "---" : "---:")]).Prepend(heads))
            Console.WriteLine($"| {string.Join(" | ", line)} |");
    }

    public static void Print(string[] heads, IEnumerable<string[]> lines)
    {
        if (Console.IsOutputRedirected)
        {
            foreach (string[] line in lines.Prepend(heads)) Console.WriteLine(string.Join('\t', line));
            return;
        }
        Table table = new Table().AddColumns([.. heads.Select(Markup.Escape)]);
        foreach (TableColumn column in table.Columns.Skip(1)) column.RightAligned();
        foreach (string[] line in lines) table.AddRow([.. line.Select(Markup.Escape)]);
        AnsiConsole.Write(table);
    }
}
