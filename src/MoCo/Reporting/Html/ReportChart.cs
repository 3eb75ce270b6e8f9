namespace MoCo.Reporting;

/// <summary>A chart of one or more curves over the training steps.</summary>
public sealed record ReportChart
{
    /// <summary>What is drawn.</summary>
    public required string Title { get; init; }

    /// <summary>The curves; those beyond the sixth are left out.</summary>
    public required IReadOnlyList<ReportSeries> Series { get; init; }

    /// <summary>Unit of the values, put behind them: <c>%</c>; may be empty.</summary>
    public string Unit { get; init; } = "";

    /// <summary>What runs to the right.</summary>
    public string HorizontalTitle { get; init; } = "step";

    /// <summary>A dashed line across, such as ln(K+1), or null.</summary>
    public ReportLimit? Limit { get; init; }

    /// <summary>Whether the vertical axis is logarithmic; values of 0 and less are left out then.</summary>
    public bool Logarithmic { get; init; }
}
