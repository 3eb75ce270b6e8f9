namespace MoCo.Evaluation;

/// <summary>Two images of an index that are alike.</summary>
/// <param name="First">The one of the lower number.</param>
/// <param name="Second">The other.</param>
/// <param name="Similarity">Their cosine similarity, −1 … 1.</param>
public readonly record struct SimilarPair(int First, int Second, float Similarity);
