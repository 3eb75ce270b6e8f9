using System.Text;

namespace MoCo.Reporting.Metrics;

/// <summary>The rows as a CSV file with a column for each metric. A metric that appears later gives the file a new column: then it is
/// written anew, as it is where rows are missing in it.</summary>
internal sealed class CsvTable : IDisposable
{
    private readonly string path;
    private readonly List<string> columns = [];
    private GrowingFile? file;

    public CsvTable(string path, IReadOnlyList<MetricsRow> rows)
    {
        this.path = path;
        Rewrite(rows);
    }

    /// <summary>Whether rows are missing in the file.</summary>
    public bool IsBehind => file is null;

    /// <param name="row">The new row.</param>
    /// <param name="all">Gives all rows, this one among them; asked only where the file is written anew.</param>
    public void Add(MetricsRow row, Func<IReadOnlyList<MetricsRow>> all)
    {
        if (IsBehind || row.Values.Keys.Any(name => !columns.Contains(name)))
        {
            Rewrite(all());
            return;
        }
        file!.Add(Encoding.UTF8.GetBytes(Line(row)));
        file.Flush();
    }

    /// <summary>To be called where a row could not be written: the next one writes the file anew.</summary>
    public void Forget()
    {
        file?.Dispose();
        file = null;
    }

    public void Dispose() => file?.Dispose();

    public void Rewrite(IReadOnlyList<MetricsRow> rows)
    {
        Forget();
        HashSet<string> seen = new(columns);
        foreach (string name in rows.SelectMany(row => row.Values.Keys))
            if (seen.Add(name)) columns.Add(name);
        StringBuilder text = new StringBuilder(string.Join(',', columns.Prepend(MetricsLines.Step).Select(Quoted))).Append('\n');
        foreach (MetricsRow row in rows) text.Append(Line(row));
        AtomicFile.Write(path, anew => anew.Write(Encoding.UTF8.GetBytes(text.ToString())));
        file = new GrowingFile(path, FileMode.Open);
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
