using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text;

namespace Samples.CommandLine;

/// <summary>A help page: paragraphs as they are, and flags beside what they do.</summary>
internal sealed class HelpPage
{
    private const int Width = 110, Indent = 34;

    private readonly StringBuilder text = new();

    public HelpPage Add(string paragraph)
    {
        text.AppendLine(paragraph);
        return this;
    }

    public HelpPage Add(Option option, string? value = null) =>
        Add($"{option.Name} {option.HelpName}".TrimEnd(), value is null ? option.Description! : $"{option.Description} [{value}]");

    public HelpPage Add(string name, string help)
    {
        string first = "  " + name;
        if (first.Length >= Indent - 1)
        {
            text.AppendLine(first);
            first = "";
        }
        StringBuilder line = new(first.PadRight(Indent));
        foreach (string word in help.Split(' '))
        {
            if (line.Length + word.Length > Width)
            {
                text.AppendLine(line.ToString().TrimEnd());
                line.Clear().Append(' ', Indent);
            }
            line.Append(word).Append(' ');
        }
        text.AppendLine(line.ToString().TrimEnd());
        return this;
    }

    /// <summary>Makes this what the command's <c>--help</c> prints.</summary>
    public void For(RootCommand command) => Help(command).Action = new Print(_ => ToString());

    /// <summary>Lets <c>--help</c> print a page of each command of a program without a page of its own.</summary>
    /// <param name="lineOf">How the command that was asked about is called.</param>
    public static void ForAll(RootCommand command, Func<ParseResult, string> lineOf)
    {
        if (Help(command).Action is not Print)
            Help(command).Action = new Print(parsed => Of(lineOf(parsed), parsed.CommandResult.Command).ToString());
    }

    public override string ToString() => text.ToString();

    private static HelpOption Help(RootCommand command) => command.Options.OfType<HelpOption>().Single();

    /// <summary>What a command does, how it is called, its commands, arguments and flags.</summary>
    private static HelpPage Of(string line, Command command)
    {
        Option[] flags = [.. CommandRun.FlagsOf(command)];
        IEnumerable<string> words = command.Action is null ? ["COMMAND"] : [
            .. command.Arguments.Select(argument => argument.Arity.MinimumNumberOfValues > 0 ? Shown(argument) : $"[{Shown(argument)}]"),
            .. flags.Where(flag => flag.Required).Select(flag => $"{flag.Name} {flag.HelpName}")];
        HelpPage page = new HelpPage().Add($"{command.Description}\n\n  {string.Join(' ', words.Prepend(line))} [flags]\n");
        foreach (Command inner in command.Subcommands) page.Add(inner.Name, inner.Description!.ReplaceLineEndings(" ").Split(". ")[0]);
        foreach (Argument argument in command.Arguments)
            page.Add(Shown(argument), argument.Description + Default(argument.HasDefaultValue ? argument.GetDefaultValue() : null));
        foreach (Option flag in flags)
        {
            string otherwise = Default(flag.HasDefaultValue ? flag.GetDefaultValue() : null);
            IEnumerable<string> names = flag.Aliases.Where(name => name.StartsWith("--", StringComparison.Ordinal)).Prepend(flag.Name);
            page.Add($"{string.Join(", ", names)} {flag.HelpName}".TrimEnd(), flag.Description + otherwise);
        }
        return page;

        static string Shown(Argument argument) => argument.HelpName ?? argument.Name.ToUpperInvariant();

        // In the words that could be typed.
        static string Default(object? value) => value is null ? "" : $" [default: {Values.Text(value)}]";
    }

    private sealed class Print(Func<ParseResult, string> page) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.Write(page(parseResult));
            return 0;
        }
    }
}
