using System.Globalization;

namespace MoCo.Benchmarks.Peer;

/// <summary>The processor's cores that this process may use, and how another process is kept to some of them.</summary>
internal static class Cores
{
    private const string Tool = "taskset";

    /// <summary>Their numbers; where the system does not tell, 0, 1, ….</summary>
    public static IReadOnlyList<int> Allowed()
    {
        const string file = "/proc/self/status", name = "Cpus_allowed_list:";
        string? line = File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal)) : null;
        if (line is null) return [.. Enumerable.Range(0, Environment.ProcessorCount)];
        List<int> cores = [];
        foreach (string range in line[name.Length..].Trim().Split(','))
        {
            int[] ends = [.. range.Split('-').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
            cores.AddRange(Enumerable.Range(ends[0], ends[^1] - ends[0] + 1));
        }
        return cores;
    }

    /// <summary>Whether processes can be kept to cores here: by util-linux's taskset, so that all their threads are from their
    /// start.</summary>
    public static bool CanPin() => Child.Run(Tool, ["--version"]) is { Exit: 0 };

    /// <summary>The command line that runs a program on the given cores only.</summary>
    public static (string Program, string[] Arguments) Pin(IEnumerable<int> cores, string program, IEnumerable<string> arguments)
        => (Tool, ["-c", string.Join(',', cores), program, .. arguments]);
}
