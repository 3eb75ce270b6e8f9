namespace MoCo.Reporting;

/// <summary>A dashed line across a chart.</summary>
/// <param name="Value">Where.</param>
/// <param name="Name">What it stands for: <c>guessing: ln(K+1)</c>.</param>
public sealed record ReportLimit(double Value, string Name);
