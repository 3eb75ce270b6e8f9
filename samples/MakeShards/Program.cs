using System.Diagnostics;
using MakeShards;
using Spectre.Console;

using StopSignals signals = new();
return CommandRun.Run("makeshards", Arguments.Command(Make), args, signals, "the shards that were whole are kept, the one begun is not");

void Make(Request request) => Tell(Show(progress => ShardMaker.Run(request, progress, signals.Token)));

// A bar on a terminal, a line every ten seconds elsewhere.
static Outcome Show(Func<Action<int, int>, Outcome> work)
{
    if (AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected)
    {
        ProgressColumn[] parts = [new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()];
        return AnsiConsole.Progress().Columns(parts).Start(context =>
        {
            ProgressTask task = context.AddTask("images");
            return work((done, all) => (task.MaxValue, task.Value) = (Math.Max(all, 1), done));
        });
    }
    long told = Stopwatch.GetTimestamp();
    return work((done, all) =>
    {
        if (Stopwatch.GetElapsedTime(told).TotalSeconds < 10) return;
        told = Stopwatch.GetTimestamp();
        Console.WriteLine($"{done:N0} of {all:N0} images");
    });
}

static void Tell(Outcome outcome)
{
    foreach (string line in LeftOut.Lines(outcome.Errors)) Console.Error.WriteLine(line);
    string classes = outcome.Classes == 0 ? "no labels" : Counted.Of(outcome.Classes, "class", "classes");
    Console.WriteLine($"{outcome.Pattern}: {Counted.Of(outcome.Images, "image")} in {Counted.Of(outcome.Shards, "shard")}, {classes}");
}
