using System.Diagnostics;

namespace MoCo.Tests.Shared.Files;

/// <summary>What only a shell can do to files: pipes, names that are no text.</summary>
internal static class ShellScript
{
    /// <summary>Runs a script; <c>$0</c> is the argument.</summary>
    public static void Run(string script, string argument)
    {
        using Process shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", script, argument]))!;
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
