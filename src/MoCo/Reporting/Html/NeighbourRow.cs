namespace MoCo.Reporting;

/// <summary>An image and those most similar to it.</summary>
/// <param name="Query">The image.</param>
/// <param name="Hits">The most similar ones, best first. At most 12 are shown.</param>
public sealed record NeighbourRow(ReportImage Query, IReadOnlyList<NeighbourHit> Hits);
