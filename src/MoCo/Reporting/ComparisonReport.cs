namespace MoCo.Reporting;

/// <summary>What a page shows of several runs held against one another. What is left out gets no section.</summary>
public sealed record ComparisonReport
{
    /// <summary>Heading of the page.</summary>
    public required string Title { get; init; }

    /// <summary>A line below it; may be empty.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>The figures to see first, as <see cref="RunReport.Facts"/>.</summary>
    public IReadOnlyList<(string Name, string Value, string Remark)> Facts { get; init; } = [];

    /// <summary>What the comparison says, in sentences.</summary>
    public IReadOnlyList<(FindingKind Kind, string Text)> Findings { get; init; } = [];

    /// <summary>Charts, one below the other.</summary>
    public IReadOnlyList<ComparisonChart> Charts { get; init; } = [];

    /// <summary>Tables, below the charts.</summary>
    public IReadOnlyList<ComparisonTable> Tables { get; init; } = [];

    /// <summary>What a reader has to know beside: sources, conditions. A paragraph each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A table of a comparison.</summary>
/// <param name="Columns">The heads; cells of all columns but the first that hold a figure are set to the right.</param>
/// <param name="Rows">A cell for each column.</param>
public sealed record ComparisonTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Heading above it; may be empty.</summary>
    public string Title { get; init; } = "";

    /// <summary>The columns, from 0, that are shown in grey: figures of others.</summary>
    public IReadOnlyCollection<int> OfOthers { get; init; } = [];
}

/// <summary>A chart of means with their spread over repetitions, at places that have names.</summary>
public sealed record ComparisonChart
{
    /// <summary>What is drawn.</summary>
    public required string Title { get; init; }

    /// <summary>The names along the bottom, in order.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>Beside one another at each place, at most six: a name, and a point for each place, null where there is none.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<ComparisonPoint?> Points)> Series { get; init; }

    /// <summary>What the places are; may be empty.</summary>
    public string HorizontalTitle { get; init; } = "";

    /// <summary>Unit of the values, put behind them; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The least and the largest value that there can be.</summary>
    public (double Least, double Most) Bounds { get; init; } = (double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>Whether the places have an order, so that a line joins the means.</summary>
    public bool IsOrdered { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; only values above 0 are drawn then.</summary>
    public bool Logarithmic { get; init; }

    /// <summary>Whether all of it is shown in grey: figures of others.</summary>
    public bool IsOfOthers { get; init; }

    /// <summary>Dashed lines across and what they stand for.</summary>
    public IReadOnlyList<(double Value, string Name)> Limits { get; init; } = [];
}

/// <summary>What repetitions of a run came to.</summary>
/// <param name="Mean">Their mean; where it is not finite, a cross is drawn at the bottom.</param>
/// <param name="Deviation">Their standard deviation; 0: no bar.</param>
/// <param name="Values">Their values, drawn as small points where there are several.</param>
public readonly record struct ComparisonPoint(double Mean, double Deviation, IReadOnlyList<double> Values);
