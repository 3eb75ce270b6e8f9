using System.Diagnostics;

namespace MoCo.Tests.Shared.Files;

/// <summary>This test program in a process of its own, for what may end or exhaust one; see <see cref="Program"/>.</summary>
internal static class OwnProgram
{
    /// <param name="heapLimit">Bytes that the collector may manage; 0 for as many as it likes.</param>
    /// <param name="arguments">The task and what it needs.</param>
    public static (int ExitCode, string Output, string Errors) Run(long heapLimit, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", [typeof(OwnProgram).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (heapLimit > 0) start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{heapLimit:X}";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.Result);
    }
}
