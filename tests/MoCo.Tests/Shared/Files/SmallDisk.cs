using System.Diagnostics;

namespace MoCo.Tests.Shared.Files;

/// <summary>A disk of its own, small enough to be filled, in memory: root on Linux may make one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly TemporaryFolder folder = new();

    /// <summary>Skips the test where there are no rights to mount a disk.</summary>
    public SmallDisk(int kilobytes)
    {
        Path = Directory.CreateDirectory(folder.File("disk")).FullName;
        if (OperatingSystem.IsLinux() && Did("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", Path)) return;
        folder.Dispose();
        Assert.Skip("no rights to mount a disk");
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Takes all the space that is left.</summary>
    public void Fill()
    {
        using FileStream filler = new(File("filler"), FileMode.Append, FileAccess.Write, FileShare.None, 0);
        try
        {
            for (byte[] block = new byte[1 << 12]; ;) filler.Write(block);
        }
        catch (IOException)
        {
            // Full, as it should be.
        }
    }

    public void MakeRoom() => System.IO.File.Delete(File("filler"));

    public void MakeReadOnly() => Assert.SkipUnless(Did("mount", "-o", "remount,ro", Path), "no rights to make a disk read-only");

    public void Dispose()
    {
        Did("umount", "-l", Path);
        folder.Dispose();
    }

    private static bool Did(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
