namespace MoCo.Reporting;

/// <summary>An image found for another.</summary>
/// <param name="Image">The image.</param>
/// <param name="Similarity">Cosine similarity, −1 … 1.</param>
public sealed record NeighbourHit(ReportImage Image, double Similarity);
