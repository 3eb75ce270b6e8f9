using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace MoCo.Benchmarks.Reporting;

/// <summary>What figures must be read beside.</summary>
internal static class MachineInfo
{
    public static JsonObject Describe(int threads) => new()
    {
        ["processor"] = Line("/proc/cpuinfo", "model name"),
        ["processors"] = Environment.ProcessorCount,
        ["threads"] = threads,
        ["system"] = RuntimeInformation.OSDescription,
        ["runtime"] = RuntimeInformation.FrameworkDescription,
        ["load_at_start"] = Load(),
        ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
    };

    /// <summary>The largest resident memory of this process so far in MiB; null where the system does not tell.</summary>
    public static double? PeakMemory()
        => Line("/proc/self/status", "VmHWM") is string text
            && double.TryParse(text.Split(' ')[0], CultureInfo.InvariantCulture, out double kib) ? kib / 1024 : null;

    /// <summary>Programs that were running before ours: figures from a busy machine are marked by it.</summary>
    public static double? Load()
        => File.Exists("/proc/loadavg")
            && double.TryParse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture, out double load)
            ? load : null;

    private static string? Line(string file, string name)
    {
        if (!File.Exists(file)) return null;
        string? line = File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
