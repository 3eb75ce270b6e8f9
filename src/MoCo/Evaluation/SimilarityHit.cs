namespace MoCo.Evaluation;

/// <summary>An image that a search found.</summary>
/// <param name="Index">Its number in the index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Similarity">Cosine similarity to the query, −1 … 1.</param>
public readonly record struct SimilarityHit(int Index, string Name, float Similarity);
