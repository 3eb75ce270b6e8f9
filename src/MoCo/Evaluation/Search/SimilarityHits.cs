namespace MoCo.Evaluation.Search;

/// <summary>An image that a search found.</summary>
/// <param name="Index">Its number in the index.</param>
/// <param name="Name">Its name.</param>
/// <param name="Similarity">Cosine similarity to the query, −1 … 1.</param>
public readonly record struct SimilarityHit(int Index, string Name, float Similarity);

/// <summary>Two images of an index that are alike.</summary>
/// <param name="First">The one of the lower number.</param>
/// <param name="Second">The other.</param>
/// <param name="Similarity">Their cosine similarity, −1 … 1.</param>
public readonly record struct SimilarPair(int First, int Second, float Similarity);

/// <summary>Pairs of images that are nearly the same.</summary>
/// <param name="Pairs">The most similar pairs first; equally similar ones by their numbers.</param>
/// <param name="Found">How many pairs reached the threshold: more than are listed where there was no room for all.</param>
public sealed record NearDuplicates(IReadOnlyList<SimilarPair> Pairs, long Found);
