using Lab.Studies;

namespace Lab.Results;

/// <summary>A study as a page to look at.</summary>
internal static class StudyPage
{
    public static ComparisonReport Of(Study study, Asked asked, StudyFile file, IReadOnlyCollection<TrialResult> results)
    {
        Row[] rows = Row.Of(study, results);
        (Worth pixels, Worth untrained) = (file.Pixels, file.Untrained);
        int all = study.Trials.Count * asked.Seeds;
        Row? best = rows.Where(row => row.Runs.Count > 0).MaxBy(row => row.Linear.Mean);
        return new ComparisonReport
        {
            Title = study.Title,
            Subtitle = $"{file.Images:N0} images of {asked.Data}, {file.Epochs} {(file.Epochs == 1 ? "epoch" : "epochs")} a run, "
                + $"{asked.Seeds} {(asked.Seeds == 1 ? "seed" : "seeds")} a row. After {study.Source}.",
            Facts =
            [
                ("runs", $"{results.Count} of {all}", $"{results.Sum(result => result.Seconds) / 60:F0} min of training"),
                ("best row", best is null ? "–" : $"{best.Linear.Mean:F1} %", best is null ? "" : $"linear; {best.Name}"),
                ("raw pixels", $"{pixels.Linear:F1} %", $"linear; kNN {pixels.Knn:F1} %"),
                ("untrained encoder", $"{untrained.Linear:F1} %", $"linear; kNN {untrained.Knn:F1} %"),
            ],
            Findings = Verdict.Of(study, rows, pixels, untrained),
            Charts =
            [
                Chart(study, rows, "Linear classifier on the features", row => row.Linear.Values, pixels.Linear, untrained.Linear),
                Chart(study, rows, "Vote of the nearest neighbours (kNN)", row => row.Knn.Values, pixels.Knn, untrained.Knn),
                Chart(study, rows, $"The paper: {study.Scale}", row => row.Trial.Paper is double figure ? [figure] : null) with
                {
                    IsOfOthers = true,
                },
            ],
            Tables = [Table(study, rows, file)],
            Notes =
            [
                $"Grey: {study.Source}; {study.Scale}.",
                $"kNN: {file.Voting:N0} images to learn from vote on {file.Test:N0} others, cosine, temperature 0.1. Linear: a classifier "
                    + "on the same features, its learning rate chosen on a held-out part.",
                .. study.Notes,
            ],
        };
    }

    /// <summary>The table, which is that of the documentation too.</summary>
    public static ComparisonTable Table(Study study, IReadOnlyList<Row> rows, StudyFile file)
    {
        IEnumerable<IReadOnlyList<string>> cells =
        [
            ["raw pixels", $"{file.Pixels.Linear:F1}", $"{file.Pixels.Knn:F1}", "", "", "", ""],
            ["untrained encoder", $"{file.Untrained.Linear:F1}", $"{file.Untrained.Knn:F1}", "", "", "", ""],
            .. rows.Select(row => (IReadOnlyList<string>)
            [
                row.Name, $"{row.Linear}", $"{row.Knn}", row.Loss.Values.Count == 0 ? "–" : $"{row.Loss.Mean:F2}",
                row.Runs.Count == 0 ? "–" : $"{row.Runs.Average(run => run.Seconds):F0}", row.Runs.Count == 0 ? "not yet" : row.Status,
                row.Trial.PaperText,
            ]),
        ];
        return new ComparisonTable([study.Variable, "linear, %", "kNN, %", "loss", "seconds a run", "runs", "paper"], [.. cells])
        {
            OfOthers = [6],
        };
    }

    private static ComparisonChart Chart(
        Study study, IReadOnlyList<Row> rows, string title, Func<Row, IReadOnlyList<double>?> values, params double[] limits)
    {
        string[] places = [.. rows.Select(row => row.Trial.Place).Distinct()];
        return new ComparisonChart
        {
            Title = title,
            HorizontalTitle = study.Variable,
            Unit = "%",
            Bounds = (0, 100),
            IsOrdered = study.IsOrdered,
            Places = places,
            Series = [.. rows.GroupBy(row => row.Trial.Series).Select(series => (series.Key, (IReadOnlyList<IReadOnlyList<double>?>)
                [.. places.Select(place => series.FirstOrDefault(row => row.Trial.Place == place) is { } row ? values(row) : null)]))],
            Limits = limits.Length == 2 ? [(limits[0], "raw pixels"), (limits[1], "untrained encoder")] : [],
        };
    }
}
