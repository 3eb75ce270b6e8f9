using System.Diagnostics;

namespace MoCo.Tests.Reporting;

/// <summary>A headless Chromium, where there is one; the tests that use it are skipped elsewhere.</summary>
internal static class Chromium
{
    private static readonly Lazy<string?> Program = new(Find);

    /// <summary>Opens a page, lets its scripts run, and gives the document as it is then. Skips the test where there is no
    /// browser.</summary>
    public static string Dump(string page, bool dark, string profile)
    {
        Assert.SkipWhen(Program.Value is null, "no Chromium");
        using Process process = Process.Start(new ProcessStartInfo(Program.Value!,
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync",
            $"--user-data-dir={profile}", $"--blink-settings=preferredColorScheme={(dark ? 0 : 1)}",
            "--window-size=1400,1000", "--virtual-time-budget=3000", "--dump-dom", new Uri(page).AbsoluteUri,
        ])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail("Chromium did not end.");
        }
        Assert.True(process.ExitCode == 0, errors.Result);
        return output.Result;
    }

    private static string? Find()
    {
        string[] names = ["chromium", "chromium-browser", "google-chrome", "chromium-headless-shell", "chrome-headless-shell"];
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string? found = folders.SelectMany(folder => names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);
        string cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "ms-playwright");
        if (found is not null || !Directory.Exists(cache)) return found;
        return Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories)
            .FirstOrDefault(file => Path.GetFileName(file) is "headless_shell" or "chrome" or "chrome-headless-shell");
    }
}
