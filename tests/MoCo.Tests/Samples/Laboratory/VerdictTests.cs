using System.Globalization;
using Lab;
using Lab.Results;
using Lab.Studies;

namespace MoCo.Tests.Samples.Laboratory;

/// <summary>What is said of figures that are made up.</summary>
public class VerdictTests
{
    // As the programs run: without cultures.
    public VerdictTests() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    private static readonly Worth Pixels = new(70, 75), Untrained = new(60, 65);

    [Fact]
    public void Rows_in_the_papers_order_agree()
    {
        string said = Said([("0.9", 55.2, [80.0, 80.2]), ("0.99", 57.8, [82.0, 82.2]), ("0.999", 59.0, [84.0, 84.2])]);

        Assert.Contains("Good: Of the rows that the paper has, 0.999 is the best here (84.1 ± 0.1 %), as in the paper (59.0).", said);
        Assert.Contains("Good: Of 3 pairs of rows that the paper puts in an order, 3 have the same order here, 0 are too near to tell, 0 "
            + "are the other way round. By kNN 3 means of 3 are in the paper's order.", said);
        Assert.Contains("there are 4.0 points here, 3.8 in the paper.", said);
        Assert.Contains("a standard deviation of 0.14 points (over all rows)", said);
        Assert.Contains("0.28 points at 2 seeds each", said);
        Assert.Contains("Good: Every row that did not fail is above raw pixels (75.0 %)", said);
    }

    [Fact]
    public void Rows_in_another_order_do_not_agree_and_are_named()
    {
        string said = Said([("0.9", 55.2, [84.0, 84.2]), ("0.999", 59.0, [80.0, 80.2])]);

        Assert.Contains("Warning: Of the rows that the paper has, 0.9 is the best here (84.1 ± 0.1 %); the paper's best is 0.999, which "
            + "comes to 80.1 ± 0.1 % here.", said);
        Assert.Contains("Warning: Of 1 pair of rows that the paper puts in an order, 0 have the same order here, 0 are too near to tell, "
            + "1 is the other way round (0.9 above 0.999).", said);
    }

    [Fact]
    public void A_difference_within_the_seeds_spread_decides_nothing()
    {
        string said = Said([("0.9", 55.2, [79.0, 82.0]), ("0.999", 59.0, [79.5, 80.5])]);

        Assert.Contains("Notice: Of the rows that the paper has, 0.9 is the best here (80.5 ± 2.1 %); the paper's best, 0.999 (80.0 ± 0.7 "
            + "% here), is too near to tell them apart.", said);
        Assert.Contains("Notice: Of 1 pair of rows that the paper puts in an order, 0 have the same order here, 1 is too near", said);
    }

    [Fact]
    public void Of_one_seed_nothing_is_said_of_chance()
    {
        string said = Said([("0.9", 55.2, [80.0]), ("0.999", 59.0, [81.0])]);

        Assert.Contains("1 has the same order here", said);
        Assert.Contains("Notice: Each row is one run: which differences are chance, nothing here says; --seeds 3 would.", said);
    }

    [Fact]
    public void A_row_that_fails_in_the_paper_agrees_where_it_diverges_or_learns_nothing_and_not_where_it_learns()
    {
        Assert.Contains("Good: 0 fails, as in the paper (diverged: no number).",
            Said([("0", double.NaN, []), ("0.999", 59.0, [81.0])], ("0", "diverged", "no number")));
        Assert.Contains("Good: 0 fails, as in the paper (64.0 %, where the untrained encoder has 65.0 %).",
            Said([("0", double.NaN, [64.0]), ("0.999", 59.0, [81.0])]));
        Assert.Contains("Warning: 0 fails in the paper; here it comes to 79.0 %, the best other row, 0.999, to 81.0 %.",
            Said([("0", double.NaN, [79.0]), ("0.999", 59.0, [81.0])]));
        Assert.Contains("Notice: a: 1 of 2 done, 1 of 2 collapsed: all the same.",
            Said([("a", null, [80.0]), ("b", null, [81.0])], ("a", "collapsed", "all the same")));
        Assert.Contains("Warning: 0.999 fails here (collapsed: all the same).",
            Said([("0.9", 55.2, [79.0]), ("0.999", 59.0, [])], ("0.999", "collapsed", "all the same")));
    }

    [Fact]
    public void What_a_paper_says_of_two_rows_is_held_against_them()
    {
        (string, double?, double[])[] rows = [("a", null, [80.0, 80.2]), ("b", null, [82.0, 82.2]), ("c", null, [80.1, 80.2])];

        Assert.Contains("Good: The paper: B wins. So it is here (b 82.1 ± 0.1 %, a 80.1 ± 0.1 %).", Claimed(rows, new("B wins", "b", "a")));
        Assert.Contains("Warning: The paper: A wins. Here it is the other way round", Claimed(rows, new("A wins", "a", "b")));
        Assert.Contains("Notice: The paper: C wins. Here they are too near to tell", Claimed(rows, new("C wins", "c", "a")));
        Assert.Contains("Good: The paper: C is like A. So it is here", Claimed(rows, new("C is like A", "c", "a", false)));
        Assert.Contains("Warning: The paper: B is like A. Here b is above", Claimed(rows, new("B is like A", "b", "a", false)));
        Assert.DoesNotContain("The paper", Claimed(rows, new("D wins", "d", "a")));
    }

    [Fact]
    public void Rows_below_raw_pixels_are_named() => Assert.Contains(
        "Notice: 1 row is no better than raw pixels (75.0 %): a. The runs are short", Said([("a", null, [70.0]), ("b", null, [80.0])]));

    private static string Said((string, double?, double[])[] rows, params (string, string, string)[] broken) =>
        Claimed(rows, null, broken);

    private static string Claimed(
        (string Name, double? Paper, double[] Values)[] rows, Claim? claim, params (string Name, string Status, string Reason)[] broken)
    {
        Trial[] trials = [.. rows.Select(row => new Trial(row.Name, (_, _) => throw new NotSupportedException()) { Paper = row.Paper })];
        Study study = new("made-up", "", "", "", "", trials) { Claims = claim is null ? [] : [claim] };
        TrialResult[] results =
        [
            .. rows.SelectMany(row => row.Values.Select(value => Result(row.Name, value, "done", ""))),
            .. broken.Select(run => Result(run.Name, null, run.Status, run.Reason)),
        ];
        return string.Join('\n', Verdict.Of(study, Row.Of(study, results), Pixels, Untrained)
            .Select(finding => $"{finding.Kind}: {finding.Text}"));
    }

    private static TrialResult Result(string name, double? value, string status, string reason) =>
        new("made-up", "", name, 0, 1, value, value, 1, 1, status, reason);
}
