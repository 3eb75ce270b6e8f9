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

    /// <summary>Writes the page; an older one is replaced at once or stays whole.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ArgumentException">A series of a chart has other than one entry for each place.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public void Save(string path) => HtmlReport.Write(path, HtmlReport.Html(this));
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

    /// <summary>Beside one another at each place, at most six: a name, and for each place what a run came to, once or in repetitions, of
    /// which the mean is drawn with a bar of one standard deviation (of a sample) to either side; null or nothing where there is none.
    /// Where the mean is not finite, a cross is drawn.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<IReadOnlyList<double>?> Values)> Series { get; init; }

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
