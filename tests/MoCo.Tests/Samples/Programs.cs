using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Spectre.Console;
using TorchSharp;

namespace MoCo.Tests.Samples;

/// <summary>The programs as their users start them.</summary>
internal static class Programs
{
    private const int Width = 160;

    /// <summary>The commands of each program; of one without commands itself.</summary>
    public static Dictionary<string, string[]> Commands { get; } = new()
    {
        ["Pretrain"] = [""],
        ["Quickstart"] = [""],
        ["MakeShards"] = [""],
        ["ShowViews"] = [""],
        ["Evaluate"] = ["linear", "knn", "cluster", "retrieval", "embed", "fewshot", "finetune", "map", "diagnostics", "export", "inspect"],
        ["Lab"] = [""],
        ["Loggers"] = [""],
        ["Runs"] = [""],
        ["Search"] = ["index", "query", "duplicates", "dedup", "cluster"],
    };

    /// <summary>Runs a program in a process of its own to its end.</summary>
    /// <returns>What it said.</returns>
    public static string Start(string program, int code, params string[] arguments)
    {
        string name = AssemblyOf(program);
        string file = Repository.File("samples", program, "bin", Repository.Configuration, "net10.0", $"{name}.dll");
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [file, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.True(process.ExitCode == code, $"exit code {process.ExitCode}: {output}");
        return output;
    }

    /// <summary>Calls a program's entry in this process, which saves the second that a process takes to start.</summary>
    /// <returns>What it said.</returns>
    public static string Call(string program, int code, params string[] arguments)
    {
        (TextWriter output, TextWriter errors, IAnsiConsole console) = (Console.Out, Console.Error, AnsiConsole.Console);
        CultureInfo? culture = CultureInfo.DefaultThreadCurrentCulture;
        using HeldThreads threads = new(torch.get_num_threads()); // the program sets its own
        StringWriter said = new();
        try
        {
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture; // the programs' own
            Console.SetOut(said);
            Console.SetError(said);
            AnsiConsole.Console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(said) });
            AnsiConsole.Profile.Width = Width;
            object? ended = Assembly.Load(AssemblyOf(program)).EntryPoint!.Invoke(null, [arguments]);
            Assert.True((ended as int? ?? 0) == code, $"exit code {ended}: {said}");
            return said.ToString();
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
            AnsiConsole.Console = console;
            CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = culture!;
        }
    }

    private static string AssemblyOf(string program) => program == "Quickstart" ? program : program.ToLowerInvariant();
}
