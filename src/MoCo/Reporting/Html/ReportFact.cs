namespace MoCo.Reporting;

/// <summary>A figure to see first.</summary>
/// <param name="Name">What it is: <c>kNN accuracy</c>.</param>
/// <param name="Value">The figure with its unit: <c>82.6 %</c>.</param>
/// <param name="Remark">What to hold it against: <c>raw pixels: 78.9 %</c>; may be empty.</param>
public sealed record ReportFact(string Name, string Value, string Remark = "");
