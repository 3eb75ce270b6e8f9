using Pretrain;
using Pretrain.Plans;
using Runs;

using StopSignals signals = new();
Argument<string> folder = new("dir")
{
    Description = "a folder with the folders of runs in it, at any depth down to four",
    HelpName = "DIR",
    Arity = ArgumentArity.ZeroOrOne,
    DefaultValueFactory = _ => ".",
};
Option<string?> html = OutputFile.Option("--html", "write the table as a page");
Option<string?> csv = OutputFile.Option("--csv", "write the table as comma-separated values");
Option<bool> resume = new("--resume")
{
    Description = "go on with the run that was stopped last, as pretrain does with it; nothing else need be given",
};
RootCommand command = new("""
    Shows the runs in a folder as a table, the best kNN accuracy first: what each came to, its state, the time that it trained, and
    the options in which the runs differ.

    A run is done (summary.json says so), running (another program has it), failed (error.txt says how) or stopped; one that failed
    or was stopped goes on from its newest checkpoint.
    Exit codes: 0 done, 1 failed, 2 wrong command line or input, 130 stopped by Ctrl-C.
    """) { folder, html, csv, resume };
command.SetWork(parsed =>
{
    string path = parsed.GetValue(folder)!;
    FoundRun[] runs = [.. FoundRun.In(path)];
    UsageException.ThrowIf(
        runs.Length == 0, $"{path} has no runs in it; expected a folder of runs, each of which has its options.json.");
    RunTable table = new(path, runs);
    table.Show();
    if (parsed.GetValue(csv) is { } file) OutputFile.Write(file, table.Csv());
    if (parsed.GetValue(html) is { } page)
    {
        table.Page().Save(page);
        Console.WriteLine($"written: {page}");
    }
    if (!parsed.GetValue(resume)) return 0;
    FoundRun newest = runs.Where(run => run.CanGoOn).MaxBy(run => run.Changed)
        ?? throw new UsageException($"No run in {path} can go on; expected one that was stopped or failed and has a whole checkpoint.");
    Console.WriteLine($"going on with {newest.Path}");
    return new Run(Arguments.GoingOn(newest.Path), Display.ForThisConsole(), signals).Execute();
});
return CommandRun.Run("runs", command, args, signals, "nothing was written", "pretrain");
