using MoCo.Distributed;
using Spectre.Console;

namespace Samples.CommandLine;

/// <summary>What a program says where a launcher has started it several times: rank 0 speaks for all.</summary>
internal static class Ranks
{
    /// <summary>How long another rank waits with what it has to say: what is wrong with all of them, rank 0 says, and ends the job.</summary>
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(2);

    private static bool waited;

    /// <summary>This process's number; 0 where the launcher's variables make no sense, which rank 0 tells of.</summary>
    private static int Rank { get; } = ReadRank();

    /// <summary>Takes the output from all ranks but 0.</summary>
    public static void Quieten()
    {
        if (Rank == 0) return;
        Console.SetOut(TextWriter.Null);
        AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) });
    }

    /// <summary>An error's line as this rank says it.</summary>
    public static string Signed(string line)
    {
        if (Rank == 0) return line;
        if (!waited) Thread.Sleep(Courtesy);
        waited = true;
        return $"[rank {Rank}] {line}";
    }

    private static int ReadRank()
    {
        try
        {
            return LaunchEnvironment.Read().Rank;
        }
        catch (ProcessGroupException)
        {
            return 0;
        }
    }
}
