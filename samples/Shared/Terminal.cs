using Spectre.Console;

namespace Samples;

/// <summary>Where the output goes.</summary>
internal static class Terminal
{
    /// <summary>Whether a line can be drawn anew.</summary>
    public static bool IsLive => !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Ansi;

    /// <summary>Tables without colors and bold, which would be control characters in a file.</summary>
    public static void MakePlain() => AnsiConsole.Console =
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
}
