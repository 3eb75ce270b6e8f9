using System.CommandLine;
using Samples.CommandLine;
using Samples.Encoders;

namespace Evaluate;

/// <summary>What the commands that measure an encoder have in common: the encoder, how it looks at images, and results.</summary>
internal sealed class EncoderCommand
{
    private readonly Argument<string> path = new("encoder") { Description = "any file of a ResNet's weights, or a run's folder", HelpName = "ENCODER" };
    private readonly EncoderOptions encoder = new();
    private readonly ResultOptions results = new();

    public EncoderCommand(string name, string description) => Command = new Command(name, description) { path };

    public Command Command { get; }

    public ResultOptions Results => results;

    /// <summary>Adds the common options after the command's own, and the work.</summary>
    public Command With(Action<ParseResult, EncoderChoice, OpenedEncoder> work)
    {
        encoder.AddTo(Command);
        results.AddTo(Command);
        Command.SetWork(parsed =>
        {
            results.Check(parsed);
            EncoderChoice choice = encoder.Read(parsed, parsed.GetValue(path)!);
            using OpenedEncoder opened = OpenedEncoder.Open(choice);
            Screen.Say($"{choice.Path}: {opened.Summary}");
            work(parsed, choice, opened);
        });
        return Command;
    }
}
