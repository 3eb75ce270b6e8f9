using System.Diagnostics;

namespace MoCo.Tests.Shared.Files;

/// <summary>The checkout that the tests were built in.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>The build's configuration, by the folder that the tests run in.</summary>
    public static string Configuration => new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar)).Parent!.Name;

    public static string File(params string[] parts) => Path.Combine([Root, .. parts]);

    public static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(
            program, arguments)
        { WorkingDirectory = Root, RedirectStandardOutput = true, RedirectStandardError = true };
        // A test host's own settings are not the user's.
        foreach (string name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase))
            .ToArray())
            start.Environment.Remove(name);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), $"{program} {string.Join(' ', arguments)} takes more than a minute");
        return (process.ExitCode, output.Result + errors.Result);
    }

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "MoCo.sln"))) return folder.FullName;
        throw new DirectoryNotFoundException($"MoCo.sln is in no folder above {AppContext.BaseDirectory}.");
    }
}
