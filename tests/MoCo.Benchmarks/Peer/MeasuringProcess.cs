using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Peer;

/// <summary>A process that measures something and prints one line of JSON: a command of this program, or a script of the peer.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Program">The program to start.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record MeasuringProcess(string Name, string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>This program again, with another command.</summary>
    public static MeasuringProcess OfOurs(string name, string command, IEnumerable<string> arguments)
    {
        // started as 'dotnet X.dll' or as a program of its own
        string host = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(MeasuringProcess).Assembly.Location] : [];
        return new MeasuringProcess(name, host, [.. own, command, .. arguments]);
    }

    /// <summary>A script of the folder pytorch, which understands --json.</summary>
    public static MeasuringProcess OfPeer(string name, Python python, string script, IEnumerable<string> arguments)
        => new(name, python.Program, [PathOf(script), .. arguments, "--json", "-"]);

    /// <summary>Where a script of the folder pytorch lies.</summary>
    public static string PathOf(string script) => Path.Combine(AppContext.BaseDirectory, "pytorch", script);

    /// <summary>The same on the given cores only.</summary>
    public MeasuringProcess On(IEnumerable<int> cores)
    {
        (string program, string[] arguments) = Cores.Pin(cores, Program, Arguments);
        return this with { Program = program, Arguments = arguments };
    }

    /// <summary>Runs it to its end.</summary>
    /// <param name="variables">Environment variables to set, or with null to remove.</param>
    /// <exception cref="BenchmarkException">The process failed; the message is its own.</exception>
    public Measurement Run(IReadOnlyDictionary<string, string?> variables)
    {
        Child child = Child.Run(Program, Arguments, variables) ?? throw new BenchmarkException($"{Program} can't be started any more.");
        if (child.Exit != 0) throw new BenchmarkException($"{Name}: the process ended with exit code {child.Exit}.\n{child.Errors.Trim()}");
        return Measurement.Read(child.Output, Name);
    }
}
