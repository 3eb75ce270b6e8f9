using System.Diagnostics;

namespace MoCo.Benchmarks.Peer;

/// <summary>A process that is run to its end and whose output is read.</summary>
/// <param name="Exit">Its exit code.</param>
/// <param name="Output">What it printed.</param>
/// <param name="Errors">What it printed to standard error.</param>
internal sealed record Child(int Exit, string Output, string Errors)
{
    /// <summary>Runs a program, or returns null where there is no such program.</summary>
    /// <param name="program">A path, or a name to look up on PATH.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Variables to set, or with null to remove, in the inherited environment.</param>
    public static Child? Run(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string? value) in environment ?? new Dictionary<string, string?>())
        {
            if (value is null) start.Environment.Remove(name);
            else start.Environment[name] = value;
        }
        Process? process;
        try
        {
            process = Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
        using (process)
        {
            Task<string> errors = process!.StandardError.ReadToEndAsync();
            string output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return new Child(process.ExitCode, output, errors.Result);
        }
    }

    /// <summary>The last line that the process printed to standard error.</summary>
    public string LastError => Errors.TrimEnd().Split('\n')[^1];
}
