namespace MoCo.Reporting;

/// <summary>Something that the numbers say about the run.</summary>
/// <param name="Kind">How grave it is.</param>
/// <param name="Text">A sentence in plain words: what is seen, what it means, what to do.</param>
public sealed record ReportFinding(FindingKind Kind, string Text);
