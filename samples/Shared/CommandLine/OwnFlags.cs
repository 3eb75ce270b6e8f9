using System.Text.RegularExpressions;

namespace Samples.CommandLine;

/// <summary>Flags in messages. What commands and programs share may name a flag that only some of them have: then it says whose it
/// is.</summary>
internal static partial class OwnFlags
{
    /// <summary>A message with the owner before each flag that the command lacks: <c>pretrain's --init</c>.</summary>
    /// <param name="command">The command that was asked for.</param>
    /// <param name="others">The program that has what no command of this one has; empty: there is none.</param>
    public static string In(string message, Command command, string others) => Flag().Replace(message, found =>
        Has(command, found.Value) || Owner(command, found.Value, others) is not { Length: > 0 } owner ? found.Value
            : $"{owner}'s {found.Value}");

    private static string Owner(Command command, string flag, string others)
    {
        RootCommand? root = command as RootCommand ?? command.Parents.OfType<RootCommand>().FirstOrDefault();
        return root?.Subcommands.FirstOrDefault(other => Has(other, flag)) is { } owner ? owner.Name : others;
    }

    private static bool Has(Command command, string flag) => command.Options.Any(option => option.Name == flag);

    [GeneratedRegex(@"(?<![^\s('""])--[a-z][a-z-]*[a-z]\b")]
    private static partial Regex Flag();
}
