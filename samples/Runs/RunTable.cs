using Spectre.Console;

namespace Runs;

/// <summary>Runs side by side.</summary>
internal sealed class RunTable
{
    private const int WidthWithoutTerminal = 160;

    private static readonly string[] Columns = ["run", "kNN, best", "kNN, latest", "epochs", "state", "trained", "options that differ"];

    private readonly string folder;
    private readonly FoundRun[] runs;
    private readonly string[] differing;

    public RunTable(string folder, FoundRun[] runs)
    {
        (this.folder, this.runs) = (folder, runs);
        FoundRun[] readable = [.. runs.Where(run => run.Options.Count > 0)];
        differing = [.. readable.SelectMany(run => run.Options.Keys).Distinct().Order(StringComparer.Ordinal)
            .Where(name => readable.Select(run => run.Options.GetValueOrDefault(name)).Distinct().Count() > 1)];
    }

    /// <summary>Shows the table on the console.</summary>
    public void Show()
    {
        if (Console.IsOutputRedirected)
        {
            Terminal.MakePlain();
            AnsiConsole.Profile.Width = WidthWithoutTerminal;
        }
        Table table = new Table().Border(TableBorder.Rounded);
        foreach (string column in Columns) table.AddColumn(Markup.Escape(column));
        foreach (FoundRun run in runs) table.AddRow([.. Cells(run).Select(cell => new Markup(Markup.Escape(cell)))]);
        AnsiConsole.Write(table);
    }

    /// <summary>The table as a page.</summary>
    public ComparisonReport Page() => new()
    {
        Title = "Runs",
        Subtitle = $"{Counted.Of(runs.Length, "run")} in {folder}",
        Facts = runs[0].Best is { } best ? [("best kNN", Percent(best), runs[0].Name)] : [],
        Tables = [new ComparisonTable(Columns, [.. runs.Select(Cells)])],
        Notes =
        [
            "kNN: the accuracy of the quick looks while the runs trained. Trained: the time of whole epochs. Options that all runs have "
                + "alike are left out; one that a run does not name is its preset's.",
        ],
    };

    /// <summary>The table as comma-separated values: numbers as they are, and a column for each option that differs.</summary>
    public string Csv() => CsvText.Of([.. runs.Select(run =>
    {
        JsonObject row = JsonText.Object(new
        {
            Run = run.Name,
            KnnBest = run.Best,
            KnnLatest = run.Latest,
            EpochsDone = run.Epochs,
            run.State,
            TrainedSeconds = run.Trained.TotalSeconds,
            Changed = run.Changed.ToString("O", CultureInfo.InvariantCulture),
        });
        foreach (string name in differing) row[$"--{name}"] = run.Options.GetValueOrDefault(name);
        return row;
    })]);

    private string[] Cells(FoundRun run) =>
    [
        run.Name, Percent(run.Best), Percent(run.Latest), $"{run.Epochs:0.#}", run.State,
        $"{(int)run.Trained.TotalHours}:{run.Trained:mm\\:ss}",
        string.Join(", ", differing.Where(run.Options.ContainsKey).Select(name => $"{name} {run.Options[name]}")),
    ];

    private static string Percent(double? share) => share is double value ? $"{100 * value:F2} %" : "–";
}
