namespace MoCo.Reporting;

/// <summary>A picture found for another.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Similarity">Cosine similarity, −1 … 1.</param>
public sealed record NeighbourHit(ReportPicture Picture, double Similarity);
