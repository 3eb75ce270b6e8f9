using MoCo.Reporting.Metrics;

namespace MoCo.Reporting;

/// <summary>Writes metrics as they come into two files: JSON Lines, which are the record, and CSV for spreadsheets, made from it. A row is
/// in the operating system's hands when <see cref="Write"/> returns, so killing the process loses none. A row that a full disk does not
/// take waits for the next one; neither file ever ends in a part of one. Members may be called from several threads.</summary>
public sealed class MetricsWriter : IDisposable
{
    private readonly Lock gate = new();
    private readonly string path;
    private readonly FileStream alone;
    private readonly GrowingFile lines;
    private readonly CsvTable table;
    private readonly HashSet<string> latestNames = [];
    private long latestStep = -1;
    private bool disposed;

    /// <summary>Opens <c>metrics.jsonl</c> and <c>metrics.csv</c> in a folder, or makes them. A last line that a crash cut off is dropped,
    /// as are the rows after <paramref name="resumedStep"/>, which the run is about to make again; the CSV file is made anew from what
    /// stands.</summary>
    /// <param name="folder">The folder, made if missing.</param>
    /// <param name="resumedStep">The checkpoint's step where a run goes on; 0 starts it over; null keeps all rows.</param>
    /// <exception cref="InvalidDataException">A line before the last is no row.</exception>
    /// <exception cref="IOException">The folder can't be written, or another writer has the file.</exception>
    public MetricsWriter(string folder, long? resumedStep = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        if (resumedStep is long step) ArgumentOutOfRangeException.ThrowIfNegative(step, nameof(resumedStep));
        Directory.CreateDirectory(folder);
        path = Path.Combine(folder, "metrics.jsonl");
        alone = Alone(folder);
        try
        {
            lines = new GrowingFile(path, FileMode.OpenOrCreate);
            List<MetricsRow> rows = Keep(resumedStep);
            if (rows.Count > 0)
            {
                latestStep = rows[^1].Step;
                foreach (MetricsRow row in rows.Where(row => row.Step == latestStep)) latestNames.UnionWith(row.Values.Keys);
            }
            table = new CsvTable(Path.Combine(folder, "metrics.csv"), rows);
        }
        catch
        {
            lines?.Dispose();
            alone.Dispose();
            throw;
        }
    }

    /// <summary>Adds a row. A step may have several, with different metrics.</summary>
    /// <param name="step">The training step, not before the last row's.</param>
    /// <param name="values">Values by name; one that is not finite is written as null, and as an empty cell.</param>
    /// <exception cref="ArgumentException">The step is before the last row's, a metric was written for this step already, or a name is
    /// empty or "step".</exception>
    /// <exception cref="IOException">The disk is full: the row waits in memory and is written with the next, or when the writer is
    /// disposed, if there is space then.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder can no longer be written: likewise.</exception>
    public void Write(long step, params IReadOnlyCollection<KeyValuePair<string, double>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (step < latestStep)
            {
                throw new ArgumentException($"Step {step} comes after step {latestStep} in '{path}'; steps must not go back. "
                    + "Open the writer with resumedStep to cut later rows.", nameof(step));
            }
            MetricsRow row = new(step, Checked(step, values));
            if (row.Values.Count == 0) return;
            if (step > latestStep) latestNames.Clear();
            latestStep = step;
            latestNames.UnionWith(row.Values.Keys);
            lines.Add(MetricsLines.Write(step, values));
            try
            {
                lines.Flush();
                table.Add(row, Rows);
            }
            catch
            {
                table.Forget();
                throw;
            }
        }
    }

    /// <summary>Closes the files.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            try
            {
                if (lines.Waiting == 0 && !table.IsBehind) return;
                lines.Flush();
                table.Rewrite(Rows());
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Write has told it.
            }
            finally
            {
                lines.Dispose();
                table.Dispose();
                alone.Dispose();
            }
        }
    }

    // A file that nobody reads is held for the writer alone: outside Windows a file that others may read can't be kept from other writers.
    private static FileStream Alone(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, ".metrics.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException cause)
        {
            string message = $"The metrics in '{folder}' can't be opened for writing; another writer may have them: {cause.Message}";
            throw new IOException(message, cause);
        }
    }

    private Dictionary<string, double> Checked(long step, IReadOnlyCollection<KeyValuePair<string, double>> values)
    {
        Dictionary<string, double> found = new();
        foreach ((string name, double value) in values)
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(name, nameof(values));
            if (name == MetricsLines.Step)
                throw new ArgumentException("A metric can't be called \"step\": that is the row's own.", nameof(values));
            if ((step == latestStep && latestNames.Contains(name)) || !found.TryAdd(name, value))
                throw new ArgumentException($"The metric '{name}' was written already for step {step} in '{path}'.", nameof(values));
        }
        return found;
    }

    // Cuts the file to the rows that stand, and leaves it at its end.
    private List<MetricsRow> Keep(long? resumedStep)
    {
        List<(MetricsRow Row, int End)> rows = Written();
        int cut = resumedStep is long step ? rows.FindIndex(line => line.Row.Step > step) : -1;
        if (cut >= 0) rows.RemoveRange(cut, rows.Count - cut);
        lines.CutTo(rows.Count == 0 ? 0 : rows[^1].End);
        return [.. rows.Select(line => line.Row)];
    }

    private List<(MetricsRow Row, int End)> Written() => MetricsLines.Read(lines.Content(), path);

    private IReadOnlyList<MetricsRow> Rows() => [.. Written().Select(line => line.Row)];
}
