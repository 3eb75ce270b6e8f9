using System.Diagnostics;
using System.Globalization;
using MoCo.Data;
using Spectre.Console;

namespace MakeShards;

/// <summary>What is seen of the work: a bar on a terminal, a line every some seconds elsewhere.</summary>
internal static class Display
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    public static Outcome Show(Func<Action<int, int>, Outcome> work) =>
        AnsiConsole.Profile.Capabilities.Interactive && !Console.IsOutputRedirected ? WithBar(work) : WithLines(work);

    public static void Tell(Outcome outcome)
    {
        foreach (SourceError error in outcome.Errors.First) Console.Error.WriteLine($"makeshards: left out {error}");
        if (outcome.Errors.Count > SourceErrors.Kept) Console.Error.WriteLine($"makeshards: {outcome.Errors.Count} files were left out in all");
        string classes = outcome.Classes == 0 ? "no labels" : $"{Number(outcome.Classes)} classes";
        Console.WriteLine($"{outcome.Pattern}: {Number(outcome.Images)} images in {Number(outcome.Shards)} shards, {classes}");
    }

    private static Outcome WithBar(Func<Action<int, int>, Outcome> work) =>
        AnsiConsole.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                ProgressTask task = context.AddTask("images");
                return work((done, all) => (task.MaxValue, task.Value) = (Math.Max(all, 1), done));
            });

    private static Outcome WithLines(Func<Action<int, int>, Outcome> work)
    {
        var clock = Stopwatch.StartNew();
        TimeSpan next = BetweenLines;
        return work((done, all) =>
        {
            if (clock.Elapsed < next) return;
            next = clock.Elapsed + BetweenLines;
            Console.WriteLine($"{Number(done)} of {Number(all)} images");
        });
    }

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
