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
    public void For(RootCommand command) => command.Options.OfType<HelpOption>().Single().Action = new Print(ToString());

    public override string ToString() => text.ToString();

    private sealed class Print(string page) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.Write(page);
            return 0;
        }
    }
}
