using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using MoCo.Tensors;
using MoCo.Training;

namespace Samples.CommandLine;

/// <summary>Runs a command line and turns what went wrong into a message and an exit code.</summary>
internal static class CommandRun
{
    private const int Done = 0, Failed = 1, Wrong = 2;

    /// <summary>Parses and runs.</summary>
    /// <param name="name">The program, as messages call it.</param>
    /// <param name="command">Its commands; their actions return an exit code.</param>
    /// <param name="stopped">What is left where the program was stopped and told nothing of it.</param>
    /// <param name="others">The program that has the flags of what this one shares with it; empty: there is none.</param>
    /// <returns>0 done; 1 could not be done; 2 a wrong command line or input; 130 or 143 stopped by a signal.</returns>
    public static int Run(
        string name, RootCommand command, string[] args, StopSignals signals, string stopped = "nothing was written", string others = "")
    {
        Ranks.Quieten();
        if (!Ranks.MayBeMany(name, args))
        {
            Tell($"{name}: {Ranks.Count} processes were launched, and each would do the whole work; expected one. Pretrain, "
                + "evaluate knn and evaluate linear work in many.");
            return Wrong;
        }
        HelpPage.ForAll(command, parsed => CommandLineOf(name, parsed.CommandResult));
        // Without the program's name before it, a first argument that is called as the program would be taken for that.
        ParseResult parsed = command.Parse([command.Name, .. FormerNames.Now(args)]);
        string[] errors = [.. Errors(parsed)];
        if (errors.Length > 0)
        {
            foreach (string error in errors) Tell($"{name}: {error}");
            Tell($"\n{CommandLineOf(name, parsed.CommandResult)} --help says what can be given.");
            return Wrong;
        }
        try
        {
            // Stopping is this program's own affair: the library's handler would end it in the middle of a file.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (OperationCanceledException error)
        {
            Tell($"{name}: stopped; {(error is StoppedException ? error.Message : stopped)}.");
            return signals.ExitCode;
        }
        catch (Exception error) when (error is UsageException or ArgumentException or FileNotFoundException or DirectoryNotFoundException
            or InvalidDataException)
        {
            Tell($"{name}: {Message(error)}");
            return Wrong;
        }
        catch (Exception error) when (error is TrainingDivergedException or LoaderException or IOException or UnauthorizedAccessException
            or InvalidOperationException or NotSupportedException or ExternalException or DllNotFoundException)
        {
            Tell($"{name}: {Message(error)}");
            return Failed;
        }
        catch (Exception error)
        {
            Tell($"{name}: this should not have happened; where it did helps to mend it:\n{error}");
            return Failed;
        }

        string Message(Exception error) => OwnFlags.In(Plain(error), parsed.CommandResult.Command, others);
    }

    /// <summary>What is wrong with a command line, a line each.</summary>
    public static IEnumerable<string> Errors(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (command is { Action: null, Subcommands.Count: > 0 } && parsed.Errors.Count > 0)
        {
            string[] commands = [.. command.Subcommands.Select(known => known.Name)];
            string expected = $"expected one of {string.Join(", ", commands)}.";
            return parsed.UnmatchedTokens is [{ } word, ..] && !IsFlag(word)
                ? [$"Unknown command '{word}'; {expected}{Nearest.Question(word, commands)}"] : [$"A command is missing; {expected}"];
        }
        // A flag that is none would be told of as a word too many, or be taken for a file.
        IEnumerable<Token> tokens = parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens);
        string? unknown = tokens.Select(token => token.Value).Concat(parsed.UnmatchedTokens).FirstOrDefault(IsFlag);
        if (unknown is null) return parsed.Errors.Select(error => error.Message);
        return [$"Unknown option '{unknown}'.{Nearest.Question(unknown, FlagsOf(command).Select(flag => flag.Name))}"];
    }

    /// <summary>The flags that a command takes.</summary>
    public static IEnumerable<Option> FlagsOf(Command command) => command.Options.Where(flag => !flag.Hidden)
        .Concat(command.Parents.OfType<Command>().SelectMany(above => above.Options.Where(flag => flag.Recursive)));

    /// <summary>An action that does its work and is done.</summary>
    public static void SetWork(this Command command, Action<ParseResult> work) => command.SetWork(parsed =>
    {
        work(parsed);
        return Done;
    });

    /// <summary>An action that computes with torch and gives its own exit code.</summary>
    public static void SetWork(this Command command, Func<ParseResult, int> work) => command.SetAction(parsed =>
    {
        TorchLibrary.Load();
        return work(parsed);
    });

    /// <summary>The message with flags in the places of the library's options, without a parameter's name, which only programmers know, and
    /// without libtorch's stack.</summary>
    public static string Plain(Exception error) => DataFlags.InFlags(error switch
    {
        ArgumentException { ParamName: string name } => error.Message.Replace($" (Parameter '{name}')", "", StringComparison.Ordinal),
        ExternalException => error.Message.Split("\nException raised from")[0].TrimEnd(),
        _ => error.Message,
    });

    private static bool IsFlag(string word) => word is ['-', '-', ..] || (word is ['-', char letter, ..] && char.IsAsciiLetter(letter));

    private static void Tell(string line)
    {
        try
        {
            if (Ranks.Signed(line) is { } signed) Console.Error.WriteLine(signed);
        }
        catch (IOException)
        {
            // Nobody is left to be told; the exit code says it.
        }
    }

    private static string CommandLineOf(string name, CommandResult? command)
    {
        List<string> words = [];
        for (; command?.Parent is CommandResult above; command = above) words.Insert(0, command.Command.Name);
        return string.Join(' ', words.Prepend(name));
    }
}
