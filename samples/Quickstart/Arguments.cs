using System.Globalization;
using MoCo.Training;

namespace Quickstart;

/// <summary>What the command line asks for.</summary>
internal sealed record Arguments
{
    public string? Folder { get; private init; }

    /// <summary>For the whole job; null: five, or what a run that goes on has left.</summary>
    public double? Minutes { get; private init; }
    public int? Epochs { get; private init; }
    public bool Resume { get; private init; }
    public string? Checkpoint { get; private init; }
    public string? Out { get; private init; }
    public int? Seed { get; private init; }

    /// <summary>Width and height of a view; null: from the images.</summary>
    public int? Size { get; private init; }
    public int Threads { get; private init; } = Environment.ProcessorCount;
    public bool Help { get; private init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="UsageException">An argument is unknown, lacks its value, or has one out of range.</exception>
    public static Arguments Parse(string[] args)
    {
        var result = new Arguments();
        var rest = new Queue<string>(args);
        while (rest.TryDequeue(out string? argument))
        {
            int equals = argument.StartsWith("--", StringComparison.Ordinal) ? argument.IndexOf('=', StringComparison.Ordinal) : -1;
            string name = equals < 0 ? argument : argument[..equals];
            string? joined = equals < 0 ? null : argument[(equals + 1)..];
            result = name switch
            {
                "-h" or "--help" => result with { Help = true },
                "--minutes" => result with { Minutes = Number(name, Value(name, joined, rest)) },
                "--epochs" => result with { Epochs = Integer(name, Value(name, joined, rest), 1, 100_000) },
                "--seed" => result with { Seed = Integer(name, Value(name, joined, rest), int.MinValue, int.MaxValue) },
                "--size" => result with { Size = Integer(name, Value(name, joined, rest), 8, 512) },
                "--threads" => result with { Threads = Integer(name, Value(name, joined, rest), 1, 1024) },
                "--out" => result with { Out = Value(name, joined, rest) },
                "--resume" => result with { Resume = true, Checkpoint = joined ?? OptionalFile(rest) },
                _ when name.StartsWith('-') => throw new UsageException($"Unknown option '{name}'."),
                _ when result.Folder is not null => throw new UsageException($"Two folders are given, '{result.Folder}' and '{name}'; expected one."),
                "" => throw new UsageException("The folder is an empty text; expected the path of a folder."),
                _ => result with { Folder = name },
            };
        }
        if (result is { Resume: true, Seed: not null })
            throw new UsageException("--seed can't be given with --resume: a run that goes on keeps its seed.");
        return result;
    }

    private static string Value(string name, string? joined, Queue<string> rest)
    {
        string? value = joined ?? (rest.TryPeek(out string? next) && !next.StartsWith("--", StringComparison.Ordinal) ? rest.Dequeue() : null);
        return string.IsNullOrEmpty(value) ? throw new UsageException($"{name} needs a value.") : value;
    }

    // A folder may follow --resume as well: only a file is taken for the checkpoint.
    private static string? OptionalFile(Queue<string> rest) =>
        rest.TryPeek(out string? next) && (File.Exists(next) || next.EndsWith(".ckpt", StringComparison.Ordinal)) ? rest.Dequeue() : null;

    private static double Number(string name, string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is > 0 and <= 10_000
            ? number
            : throw new UsageException($"{name} is '{value}'; expected a number above 0, at most 10000, such as 5 or 0.5.");

    private static int Integer(string name, string value, int least, int most) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name} is '{value}'; expected a whole number, {least} to {most}.");
}
