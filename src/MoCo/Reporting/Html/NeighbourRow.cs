namespace MoCo.Reporting;

/// <summary>A picture and those most similar to it.</summary>
/// <param name="Query">The picture.</param>
/// <param name="Hits">The most similar ones, best first. At most 12 are shown.</param>
public sealed record NeighbourRow(ReportPicture Query, IReadOnlyList<NeighbourHit> Hits);
