namespace MoCo.Evaluation;

/// <summary>Pairs of images that are nearly the same.</summary>
/// <param name="Pairs">The most similar pairs first; equally similar ones by their numbers.</param>
/// <param name="Found">How many pairs reached the threshold: more than are listed where there was no room for all.</param>
public sealed record NearDuplicates(IReadOnlyList<SimilarPair> Pairs, long Found);
