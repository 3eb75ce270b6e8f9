namespace MoCo.Benchmarks.CommandLines;

/// <summary>One benchmark that the command line can name.</summary>
internal interface ICommand
{
    /// <summary>What the user types.</summary>
    string Name { get; }

    /// <summary>One line for the list of commands.</summary>
    string Summary { get; }

    /// <summary>What is measured and how, for --help.</summary>
    string Explanation { get; }

    /// <summary>The flags that the command takes.</summary>
    IReadOnlyList<Flag> Flags { get; }

    /// <summary>Runs and returns the process's exit code.</summary>
    int Run(CommandLine line);
}
