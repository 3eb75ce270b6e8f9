using Lab.Studies;
using static MoCo.Reporting.FindingKind;

namespace Lab.Results;

/// <summary>What a study's figures say beside the paper's, in sentences. All is computed from the figures: the papers' are linear
/// accuracies, and so are ours here.</summary>
internal sealed class Verdict
{
    private const int MostNamed = 4;

    private readonly Study study;
    private readonly Row[] rows;
    private readonly Worth pixels, untrained;
    private readonly double deviation;
    private readonly bool isRepeated;

    private Verdict(Study study, IEnumerable<Row> rows, Worth pixels, Worth untrained)
    {
        (this.study, this.pixels, this.untrained) = (study, pixels, untrained);
        this.rows = [.. rows.Where(row => row.Runs.Count > 0)];
        Row[] repeated = [.. this.rows.Where(row => row.Linear.Values.Count > 1 && !row.Fails(untrained))];
        isRepeated = repeated.Length > 0;
        double freedom = repeated.Sum(row => row.Linear.Values.Count - 1);
        deviation = isRepeated
            ? Math.Sqrt(repeated.Sum(row => (row.Linear.Values.Count - 1) * Math.Pow(row.Linear.Deviation, 2)) / freedom)
            : 0;
    }

    public static IReadOnlyList<(FindingKind Kind, string Text)> Of(
        Study study, IEnumerable<Row> rows, Worth pixels, Worth untrained)
    {
        Verdict verdict = new(study, rows, pixels, untrained);
        return verdict.rows.Length == 0 ? []
            : [.. verdict.Failures(), .. verdict.Best(), .. verdict.Order(), .. verdict.Claims(), .. verdict.Learns(),
                .. verdict.Scatter()];
    }

    private Row[] Sound => [.. rows.Where(row => !row.Fails(untrained))];

    private IEnumerable<(FindingKind, string)> Failures()
    {
        foreach (Row row in rows)
        {
            bool isSaid = row.Trial.Paper is double paper && double.IsNaN(paper), fails = row.Fails(untrained);
            string reason = row.Runs.FirstOrDefault(run => run.Status != TrialResult.Done) is { } broken ? $"{row.Status}: {broken.Reason}"
                : $"{row.Linear} %, where the untrained encoder has {untrained.Linear:F1} %";
            string beside = Sound.Where(other => other != row).MaxBy(other => other.Linear.Mean) is { } best
                ? $", the best other row, {best.Name}, to {best.Linear} %" : "";
            string knn = row.Knn.Mean <= untrained.Knn
                ? $" By kNN it is no better than the untrained encoder: {row.Knn} %, {untrained.Knn:F1} %." : "";
            if (isSaid && fails) yield return (Good, $"{row.Name} fails, as in the paper ({reason}).");
            else if (isSaid) yield return (Warning, $"{row.Name} fails in the paper; here it comes to {row.Linear} %{beside}.{knn}");
            else if (fails) yield return (row.Trial.Paper is null ? Notice : Warning, $"{row.Name} fails here ({reason}).");
            else if (row.Runs.Any(run => run.Status != TrialResult.Done)) yield return (Notice, $"{row.Name}: {reason}.");
        }
    }

    private IEnumerable<(FindingKind, string)> Best()
    {
        Row[] known = Known();
        if (known.Length < 2) yield break;
        Row theirs = known.MaxBy(row => row.Trial.Paper)!, ours = known.MaxBy(row => row.Linear.Mean)!;
        string first = $"Of the rows that the paper has, {ours.Name} is the best here ({ours.Linear} %)";
        if (ours == theirs) yield return (Good, $"{first}, as in the paper ({theirs.Trial.PaperText}).");
        else if (Compare(ours, theirs) == 0)
            yield return (Notice, $"{first}; the paper's best, {theirs.Name} ({theirs.Linear} % here), is too near to tell them apart.");
        else yield return (Warning, $"{first}; the paper's best is {theirs.Name}, which comes to {theirs.Linear} % here.");
    }

    private IEnumerable<(FindingKind, string)> Order()
    {
        Row[] known = Known();
        (Row Over, Row Under)[] pairs = [.. known.SelectMany(over => known, (over, under) => (Over: over, Under: under))
            .Where(pair => pair.Over.Trial.Paper > pair.Under.Trial.Paper)];
        if (pairs.Length == 0) yield break;
        ILookup<int, (Row Over, Row Under)> byOrder = pairs.ToLookup(pair => Compare(pair.Over, pair.Under));
        (int same, int near, int other) = (byOrder[1].Count(), byOrder[0].Count(), byOrder[-1].Count());
        string reversed = string.Join("; ", byOrder[-1].OrderBy(pair => pair.Over.Linear.Mean - pair.Under.Linear.Mean).Take(MostNamed)
            .Select(pair => $"{pair.Under.Name} above {pair.Over.Name}"));
        string told = other > 0 ? $" ({reversed}{(other > MostNamed ? "; …" : "")})" : "";
        yield return (other > same ? Warning : other > 0 || near >= same ? Notice : Good,
            $"Of {Count(pairs.Length, "pair")} of rows that the paper puts in an order, {same} {(same == 1 ? "has" : "have")} the same "
                + $"order here, {near} {(near == 1 ? "is" : "are")} too near to tell, {other} {(other == 1 ? "is" : "are")} the other way "
                + $"round{told}. By kNN {pairs.Count(pair => pair.Over.Knn.Mean > pair.Under.Knn.Mean)} means of {pairs.Length} are in the "
                + "paper's order.");
        (double least, double most) = (known.Min(row => row.Linear.Mean), known.Max(row => row.Linear.Mean));
        yield return (Notice, $"From the lowest to the highest of these rows there are {most - least:F1} points here, "
            + $"{known.Max(row => row.Trial.Paper) - known.Min(row => row.Trial.Paper):F1} in the paper.");
    }

    private IEnumerable<(FindingKind, string)> Claims()
    {
        foreach (Claim claim in study.Claims)
        {
            if (rows.FirstOrDefault(row => row.Name == claim.First) is not { } first
                || rows.FirstOrDefault(row => row.Name == claim.Second) is not { } second) continue;
            if (!Sound.Contains(first) && !Sound.Contains(second)) continue;
            int order = Compare(first, second);
            string figures = $"{first.Name} {first.Linear} %, {second.Name} {second.Linear} %";
            (FindingKind kind, string word) = (claim.IsAbove, order) switch
            {
                (true, 1) or (false, 0) => (Good, "so it is here"),
                (true, 0) => (Notice, "here they are too near to tell"),
                (true, _) => (Warning, "here it is the other way round"),
                _ => (Warning, $"here {(order > 0 ? first : second).Name} is above"),
            };
            yield return (kind, $"The paper: {claim.Says}. {char.ToUpperInvariant(word[0])}{word[1..]} ({figures}).");
        }
    }

    private IEnumerable<(FindingKind, string)> Learns()
    {
        if (Sound.Length == 0) yield break;
        Row[] below = [.. Sound.Where(row => row.Linear.Mean <= pixels.Linear)];
        string names = string.Join("; ", below.Take(MostNamed).Select(row => row.Name)) + (below.Length > MostNamed ? "; …" : "");
        yield return below.Length == 0
            ? (Good, $"Every row that did not fail is above raw pixels ({pixels.Linear:F1} %) and the untrained encoder "
                + $"({untrained.Linear:F1} %).")
            : (Notice, $"{Count(below.Length, "row")} {(below.Length == 1 ? "is" : "are")} no better than raw pixels "
                + $"({pixels.Linear:F1} %): {names}. The runs are short, or the encoder is small.");
    }

    private IEnumerable<(FindingKind, string)> Scatter()
    {
        yield return isRepeated
            ? (Notice, $"Runs that differ in their seed alone have a standard deviation of {deviation:F2} points (over all rows). Two rows "
                + "count as different here where their means are more than two standard errors of their difference apart: "
                + $"{Threshold(rows[0].Linear.Values.Count, rows[0].Linear.Values.Count):F2} points at "
                + $"{Count(rows[0].Linear.Values.Count, "seed")} each.")
            : (Notice, "Each row is one run: which differences are chance, nothing here says; --seeds 3 would.");
    }

    private Row[] Known() => [.. Sound.Where(row => row.Trial.Paper is double figure && double.IsFinite(figure))];

    private double Threshold(int first, int second) => 2 * deviation * Math.Sqrt(1.0 / Math.Max(1, first) + 1.0 / Math.Max(1, second));

    /// <summary>1: the first is above, −1: below, 0: too near to tell. A row that fails is below all that do not.</summary>
    private int Compare(Row first, Row second)
    {
        (bool firstFails, bool secondFails) = (first.Fails(untrained), second.Fails(untrained));
        if (firstFails != secondFails) return firstFails ? -1 : 1;
        double difference = first.Linear.Mean - second.Linear.Mean;
        return Math.Abs(difference) > Threshold(first.Linear.Values.Count, second.Linear.Values.Count) ? Math.Sign(difference) : 0;
    }

    private static string Count(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
