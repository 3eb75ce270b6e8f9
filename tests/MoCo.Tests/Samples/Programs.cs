using System.Diagnostics;

namespace MoCo.Tests.Samples;

/// <summary>The programs as their users start them.</summary>
internal static class Programs
{
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
        string name = program == "Quickstart" ? program : program.ToLowerInvariant();
        string file = Repository.File("samples", program, "bin", Repository.Configuration, "net10.0", $"{name}.dll");
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", [file, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        Assert.True(process.ExitCode == code, $"exit code {process.ExitCode}: {output}");
        return output;
    }
}
