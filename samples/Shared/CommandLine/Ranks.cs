using MoCo.Distributed;
using Spectre.Console;

namespace Samples.CommandLine;

/// <summary>What a program says where a launcher has started it several times: rank 0 speaks for all.</summary>
internal static class Ranks
{
    /// <summary>How long another rank waits with what it has to say: what is wrong with all of them rank 0 says, and ends the
    /// job.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(2);

    private static readonly LaunchEnvironment Launched = Read();
    private static bool joined, waited;

    /// <summary>How many were started.</summary>
    public static int Count => Launched.Size;

    /// <summary>Whether a program knows what to do where there are several of it; the quickstart says by itself that it does not.</summary>
    public static bool MayBeMany(string program, string[] args) => Launched.Size == 1 || (program, args) is ("pretrain" or "quickstart", _)
        or ("evaluate", ["knn" or "linear", ..]);

    /// <summary>Takes the output from all ranks but 0.</summary>
    public static void Quieten()
    {
        if (Launched.Rank == 0) return;
        Console.SetOut(TextWriter.Null);
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
    }

    /// <summary>The ranks are joined: what one of them ends by, ends all.</summary>
    public static void Joined() => joined = true;

    /// <summary>An error's line as this rank says it; null where another says it. Until they are joined, what is wrong with one rank is
    /// wrong with all of its machine, and nothing ends them but themselves.</summary>
    public static string? Signed(string line)
    {
        if (Launched.Rank == 0) return line;
        if (!joined && Launched.LocalRank > 0) return null;
        if (!waited) Thread.Sleep(Courtesy);
        waited = true;
        return $"[rank {Launched.Rank}] {line}";
    }

    private static LaunchEnvironment Read()
    {
        try
        {
            return LaunchEnvironment.Read();
        }
        catch (ProcessGroupException)
        {
            // The program tells of it.
            return LaunchEnvironment.Alone;
        }
    }
}
