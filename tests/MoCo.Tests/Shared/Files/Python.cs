using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace MoCo.Tests.Shared.Files;

/// <summary>A Python with what a test needs, where there is one; the tests that use it are skipped elsewhere.</summary>
internal static class Python
{
    private static readonly string[] Names = ["python3", "/usr/bin/python3"];
    private static readonly ConcurrentDictionary<string, string?> Found = [];
    private static readonly Lazy<Process?> Importer = new(
        () => Names.Select(BeginImporter).FirstOrDefault(process => process is not null));

    /// <summary>Imports once, which takes a second, and runs each script in a child of its own, as <c>python3 -c</c> would.</summary>
    private const string Importing = """
        import json, os, sys, torch, torchvision
        print('ready', flush=True)
        for line in sys.stdin:
            script, output, arguments = json.loads(line)
            if os.fork() == 0:
                file = os.open(output, os.O_WRONLY | os.O_CREAT)
                for stream in 1, 2: os.dup2(file, stream)
                sys.argv = ['-c', *arguments]
                exec(script)
                sys.exit()
            print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
        """;

    /// <summary>Runs a script with PyTorch and torchvision; <c>sys.argv[1:]</c> are the arguments. Skips where they are absent.</summary>
    public static string Torch(string script, params string[] arguments)
    {
        Assert.SkipWhen(Importer.Value is null, "no python3 with torch and torchvision");
        using TemporaryFolder folder = new();
        string output = folder.File("output");
        Importer.Value.StandardInput.WriteLine(JsonSerializer.Serialize(new object[] { script, output, arguments }));
        Importer.Value.StandardInput.Flush();
        string? code = Importer.Value.StandardOutput.ReadLine();
        Assert.True(code == "0", File.Exists(output) ? File.ReadAllText(output) : $"Python ended: {code}");
        return File.ReadAllText(output);
    }

    /// <summary>The first Python whose <paramref name="import"/> works, or null; looked for once.</summary>
    public static string? Find(string import)
        => Found.GetOrAdd(
            import, static import => Names.FirstOrDefault(python => Start(python, import, []) is (0, _)));

    public static (int Code, string Output)? Start(string python, string script, string[] arguments)
    {
        using Process? process = Begin(python, script, arguments);
        if (process is null) return null;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static Process? BeginImporter(string python)
        => Begin(python, Importing, []) is { } process && process.StandardOutput.ReadLine() == "ready" ? process : null;

    /// <summary>Null where there is no such program.</summary>
    private static Process? Begin(string python, string script, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(python, ["-c", script, .. arguments])
            {
                RedirectStandardError = true,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
