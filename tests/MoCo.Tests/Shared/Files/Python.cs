using System.Collections.Concurrent;
using System.Diagnostics;

namespace MoCo.Tests.Shared.Files;

/// <summary>A Python with what a test needs, where there is one; the tests that use it are skipped elsewhere.</summary>
internal static class Python
{
    private static readonly ConcurrentDictionary<string, string?> Found = [];

    /// <summary>Runs a script with PyTorch and torchvision; <c>sys.argv[1:]</c> are the arguments. Skips where they are absent.</summary>
    public static string Torch(string script, params string[] arguments)
    {
        string? python = Find("import torch, torchvision");
        Assert.SkipWhen(python is null, "no python3 with torch and torchvision");
        (int code, string output) = Start(python, script, arguments)!.Value;
        Assert.True(code == 0, output);
        return output;
    }

    /// <summary>The first Python whose <paramref name="import"/> works, or null; looked for once.</summary>
    public static string? Find(string import)
        => Found.GetOrAdd(
            import, static import => new[] { "python3", "/usr/bin/python3" }.FirstOrDefault(python => Start(python, import, []) is (0, _)));

    public static (int Code, string Output)? Start(string python, string script, string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(
                python, ["-c", script, .. arguments])
            { RedirectStandardError = true, RedirectStandardOutput = true })!;
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output + errors.Result);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
