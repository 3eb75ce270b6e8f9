using System.Text;

namespace MoCo.Reporting.Metrics;

/// <summary>The rows as a CSV file with a column for each metric. A metric that appears later gives the file a new column: then it is
/// written anew.</summary>
internal sealed class CsvTable : IDisposable
{
    private readonly string path;
    private readonly List<string> columns = [];
    private FileStream? stream;

    public CsvTable(string path, IReadOnlyList<MetricsRow> rows)
    {
        this.path = path;
        Rewrite(rows);
    }

    /// <summary>Adds a row; all rows, this one among them, are asked for only where the columns change.</summary>
    public void Add(MetricsRow row, Func<IReadOnlyList<MetricsRow>> all)
    {
        if (row.Values.Keys.Any(name => !columns.Contains(name)))
        {
            Rewrite(all());
            return;
        }
        stream!.Write(Encoding.UTF8.GetBytes(Line(row)));
        stream.Flush();
    }

    public void Dispose() => stream?.Dispose();

    private void Rewrite(IReadOnlyList<MetricsRow> rows)
    {
        stream?.Dispose();
        HashSet<string> seen = new(columns);
        foreach (string name in rows.SelectMany(row => row.Values.Keys))
            if (seen.Add(name)) columns.Add(name);
        StringBuilder text = new StringBuilder(string.Join(',', columns.Prepend(MetricsLines.Step).Select(Quoted))).Append('\n');
        foreach (MetricsRow row in rows) text.Append(Line(row));
        AtomicFile.Write(path, file => file.Write(Encoding.UTF8.GetBytes(text.ToString())));
        stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    private string Line(MetricsRow row)
    {
        IEnumerable<string> cells = columns.Select(name => row.Values.GetValueOrDefault(name, double.NaN))
            .Select(value => double.IsFinite(value) ? value.ToString("R", CultureInfo.InvariantCulture) : "");
        return string.Join(',', cells.Prepend(row.Step.ToString(CultureInfo.InvariantCulture))) + "\n";
    }

    private static string Quoted(string name)
        => name.AsSpan().ContainsAny(",\"\n\r") ? "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"" : name;
}
