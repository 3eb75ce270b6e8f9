using static MoCo.Reporting.FindingKind;

namespace Lab.Cost;

/// <summary>The study of costs as a page.</summary>
internal static class CostPage
{
    private const string Source = "Chen et al. 2020 (MoCo v2), Table 3: 8 V100 GPUs, memory of one, hours of 200 epochs";

    /// <summary>How far a ratio may be from the paper's and still be called alike.</summary>
    private const double Alike = 0.25;

    private static readonly (string Method, int Batch, double Gb, double? Hours)[] Papers =
        [("MoCo", 256, 5.0, 53), ("end-to-end", 256, 7.4, 65), ("end-to-end", 4096, 93.0, null)];

    public static ComparisonReport Of(
        CostTable[] tables, CostRow[] rows, Dictionary<(string Table, string Method), List<(int Batch, StepMeasure Measure)>> points,
        int threads) => new()
        {
            Title = "What a step costs",
            Subtitle = $"Memory and time of a training step by batch, {threads} {(threads == 1 ? "thread" : "threads")}, float32. After "
            + "Chen et al. 2020 (MoCo v2), Table 3.",
            Findings = [.. tables.SelectMany(table => Findings(table, [.. rows.Where(row => row.Variable == table.Name)])),
                .. points.Select(entry => Error(entry.Key, entry.Value)).OfType<(FindingKind, string)>()],
            Charts = [.. tables.SelectMany(table => Charts(table, [.. rows.Where(row => row.Variable == table.Name)]))],
            Tables = [.. tables.Select(table => Table(table, [.. rows.Where(row => row.Variable == table.Name)]))],
            Notes =
            [
                $"Grey: {Source}; that of batch 4,096 is the paper's estimate.",
                "Measured: in a process of its own, at most, three steps at most after one that is not counted, on views made beforehand. "
                + "Computed: a part for every step and one for each image, fitted to the measured batches, of memory and of time. Of the "
                + "memory for every step, what can be counted is the process without an encoder, parameters, gradients, momentum of SGD, "
                + "the key encoder, the queue, and copies by which a failed step is undone; the rest is the libraries' work space.",
        ],
        };

    /// <summary>The table, which is that of the documentation too.</summary>
    public static ComparisonTable Table(CostTable table, CostRow[] rows)
    {
        bool isPapers = table.Devices > 1;
        string[] columns = [isPapers ? "batch (of it on one device)" : "batch", "method", "memory, GB", "seconds a step", "how"];
        return new ComparisonTable(isPapers ? [.. columns, "paper, GB", "paper, hours"] : columns, [.. rows.Select(row =>
        {
            string batch = isPapers ? $"{row.Value:N0} ({row.Device})" : $"{row.Value:N0}";
            IReadOnlyList<string> cells = [batch, row.Method, $"{row.MemoryMb / 1000:F2}", $"{row.Seconds:F2}", row.Status];
            (string, int, double Gb, double? Hours) paper
                = Papers.FirstOrDefault(figure => figure.Method == row.Method && figure.Batch == row.Value);
            return isPapers ? [.. cells, paper.Gb > 0 ? $"{paper.Gb:F1}" : "", paper.Hours is double hours ? $"{hours:F0}" : ""] : cells;
        })])
        {
            Title = table.Name,
            OfOthers = isPapers ? [5, 6] : [],
        };
    }

    private static IEnumerable<(FindingKind, string)> Findings(CostTable table, CostRow[] rows)
    {
        if (rows.Length == 0) yield break;
        CostRow moco = At("MoCo", 256), both = At("end-to-end", 256), large = At("end-to-end", 4096);
        yield return Ratio("end-to-end learning takes", "as much memory as MoCo at batch 256", both.MemoryMb / moco.MemoryMb, 7.4 / 5.0);
        yield return Ratio("an end-to-end step takes", "as long as MoCo's at batch 256", both.Seconds / moco.Seconds, 65.0 / 53);
        yield return Ratio(
            "batch 4,096 takes end-to-end learning", "as much memory as batch 256", large.MemoryMb / both.MemoryMb, 93 / 7.4);

        CostRow At(string method, int batch) => rows.Single(row => row.Method == method && row.Value == batch);

        (FindingKind, string) Ratio(string what, string of, double ours, double paper)
        {
            FindingKind kind = Math.Abs(ours / paper - 1) <= Alike ? Good : ours > 1 == paper > 1 ? Notice : Warning;
            string alike = kind switch { Good => "alike", Warning => "not so here", _ => ours < paper ? "less so here" : "more so here" };
            return (kind, $"{table.Name}: {what} {ours:F2} times {of}; in the paper {paper:F2} times ({alike}).");
        }
    }

    private static (FindingKind, string)? Error((string Table, string Method) of, List<(int, StepMeasure)> points) =>
        StepModel.Error(points) is { } error
            ? (Notice, $"{of.Table}, {of.Method}: each of {points.Count} measured batches is computed from the others to within "
                + $"{100 * error.Mb:F0} % of its memory and {100 * error.Seconds:F0} % of its time. Whatever the batch, a step takes "
                + $"{new StepModel(points).FixedMb:N0} MB, of which {new StepModel(points).CountedMb:N0} can be counted.")
            : null;

    private static IEnumerable<ComparisonChart> Charts(CostTable table, CostRow[] rows)
    {
        foreach ((string what, string unit, Func<CostRow, double> value) in new (string, string, Func<CostRow, double>)[]
            { ("Memory", "GB", row => row.MemoryMb / 1000), ("Time of a step", "s", row => row.Seconds) })
            yield return new ComparisonChart
            {
                Title = $"{what}, {unit}: {table.Name}",
                HorizontalTitle = "batch; m: measured, c: computed",
                Unit = unit,
                Logarithmic = true,
                IsOrdered = true,
                Places = [.. rows.GroupBy(row => row.Value)
                    .Select(batch => $"{batch.Key:N0} {string.Join('/', batch.Select(row => row.Status[0]))}")],
                Series = [.. rows.GroupBy(row => row.Method).Select(method => (method.Key,
                    (IReadOnlyList<IReadOnlyList<double>?>)[.. method.Select(row => (double[])[value(row)])]))],
            };
    }
}
