using System.Text;

namespace MoCo.Benchmarks.CommandLines;

/// <summary>The texts of --help.</summary>
internal static class Help
{
    private const string Start = "dotnet run -c Release --project tests/MoCo.Benchmarks --";

    public static string Of(IEnumerable<ICommand> commands)
    {
        StringBuilder text = new($"Usage: {Start} COMMAND [FLAGS]\n\nCommands:\n");
        foreach (ICommand command in commands) text.Append($"  {command.Name,-20}{command.Summary}\n");
        return text.Append($"\n{Start} COMMAND --help tells more about one.").ToString();
    }

    public static string Of(ICommand command)
    {
        StringBuilder text = new($"Usage: {Start} {command.Name} [FLAGS]\n\n{command.Explanation}\n\nFlags:\n");
        foreach (Flag flag in command.Flags)
            text.Append($"  {flag.Name + (flag.Value is null ? "" : " " + flag.Value),-26}{flag.Meaning}\n");
        return text.Append("\nExit codes: 0 done, 1 could not be measured, 2 wrong command line.").ToString();
    }
}
