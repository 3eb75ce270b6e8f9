namespace MoCo.Reporting;

/// <summary>Cosine similarities at one time of the run.</summary>
/// <param name="Name">When: <c>epoch 20</c>.</param>
/// <param name="Positive">Of two views of the same image, or null.</param>
/// <param name="Negative">Of different images, or null.</param>
public sealed record SimilaritySnapshot(string Name, ReportHistogram? Positive, ReportHistogram? Negative);
