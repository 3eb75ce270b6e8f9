using System.Text.Json;
using MoCo.Training.Checkpoints;
using Pretrain.Results;

namespace Runs;

/// <summary>What a run's folder says of it.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Name">Its place in the folder that was looked through.</param>
/// <param name="State">done, running, failed, stopped, or what can't be read.</param>
/// <param name="Options">What differs from its preset, and the preset, as text.</param>
/// <param name="Best">The best kNN accuracy that was measured, 0–1.</param>
/// <param name="Latest">The latest one.</param>
/// <param name="Epochs">Epochs that were trained.</param>
/// <param name="Trained">What they took.</param>
/// <param name="Changed">When something was written last.</param>
/// <param name="CanGoOn">Whether there is something to go on from, and to go on with.</param>
internal sealed record FoundRun(
    string Path, string Name, string State, IReadOnlyDictionary<string, string> Options, double? Best, double? Latest, double Epochs,
    TimeSpan Trained, DateTime Changed, bool CanGoOn)
{
    private const int Deepest = 4;

    /// <summary>What a program that trains holds in the folder of checkpoints.</summary>
    private const string LockName = ".lock";

    /// <summary>The runs in a folder, the best first; those without an accuracy follow, the latest first.</summary>
    /// <exception cref="UsageException">There is no such folder.</exception>
    public static IEnumerable<FoundRun> In(string folder)
    {
        UsageException.ThrowIf(!Directory.Exists(folder), $"{folder} is no folder; expected one of runs.");
        return Folders(folder, 0).Select(path => Of(folder, path)).OrderByDescending(run => run.Best ?? -1)
            .ThenByDescending(run => run.Changed);
    }

    private static IEnumerable<string> Folders(string folder, int depth)
    {
        if (File.Exists(new RunFolder(folder).Options)) return [folder];
        if (depth == Deepest) return [];
        EnumerationOptions readable = new() { IgnoreInaccessible = true };
        return Directory.EnumerateDirectories(folder, "*", readable).Order(StringComparer.Ordinal)
            .SelectMany(inner => Folders(inner, depth + 1));
    }

    private static FoundRun Of(string all, string path)
    {
        RunFolder run = new(path);
        string error = System.IO.Path.Combine(run.Root, Failure.Name), summary = System.IO.Path.Combine(run.Root, Summary.Name);
        string relative = System.IO.Path.GetRelativePath(all, path);
        string name = relative == "." ? System.IO.Path.GetFileName(run.Root) : relative;
        DateTime changed = new[] { run.Options, run.MetricsJsonLines, error, summary }.Max(file => File.GetLastWriteTimeUtc(file));
        try
        {
            IReadOnlyList<MetricsRow> rows = File.Exists(run.MetricsJsonLines) ? MetricsRow.ReadFile(run.MetricsJsonLines) : [];
            double[] Column(string column) =>
                [.. rows.Select(row => row.Values.GetValueOrDefault(column, double.NaN)).Where(double.IsFinite)];
            double[] knn = Column(MetricsRow.Knn);
            long steps = rows.Count > 0 ? rows[^1].Step : 0;
            // A run that was trained on is done with what it had before.
            bool isDone = File.Exists(summary) && Read(summary)["steps"]?.GetValue<long>() >= steps;
            // Of a missing file the time is long past.
            bool hasFailed = File.Exists(error) && File.GetLastWriteTimeUtc(error) >= File.GetLastWriteTimeUtc(run.MetricsJsonLines);
            string state = IsClaimed(run.Checkpoints) ? "running" : isDone ? "done" : hasFailed ? "failed" : "stopped";
            return new FoundRun(run.Root, name, state, OptionsOf(run.Options), Most(knn), knn.Length > 0 ? knn[^1] : null,
                Epochs(isDone), TimeSpan.FromSeconds(Column(MetricsRow.EpochSeconds).Sum()), changed,
                CanGoOn: state is "failed" or "stopped" && CheckpointFolder.Newest(run.Checkpoints) is not null);

            // The last interval ends before the run does.
            double Epochs(bool done) => done && Read(summary)["epochs_done"]?.GetValue<double>() is double all ? all
                : Math.Max(Most(Column(MetricsRow.Epoch)) ?? 0, Column(MetricsRow.EpochSeconds).Length);
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or JsonException or IOException or InvalidOperationException
            or UnauthorizedAccessException or FormatException)
        {
            return new FoundRun(run.Root, name, $"can't be read: {unreadable.Message}", new Dictionary<string, string>(), null, null, 0,
                TimeSpan.Zero, changed, CanGoOn: false);
        }
    }

    private static double? Most(double[] values) => values.Length > 0 ? values.Max() : null;

    private static JsonObject Read(string path) =>
        JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new JsonException($"{path} is no JSON object.");

    /// <summary>Keys that begin with $ say what was found.</summary>
    private static Dictionary<string, string> OptionsOf(string path) => Read(path)
        .Where(entry => !entry.Key.StartsWith('$')).ToDictionary(entry => entry.Key, entry => entry.Value?.ToString() ?? "none");

    /// <summary>Whether another program holds the folder of checkpoints.</summary>
    private static bool IsClaimed(string checkpoints)
    {
        string file = System.IO.Path.Combine(checkpoints, LockName);
        if (!File.Exists(file)) return false;
        try
        {
            using FileStream _ = new(file, FileMode.Open, FileAccess.Read, FileShare.None);
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }
}
