namespace MoCo.Training;

/// <summary>What one step measured.</summary>
/// <param name="Loss">InfoNCE, in nats.</param>
/// <param name="ContrastAccuracy">Share of queries whose positive was nearest among the K+1 keys, 0–1.</param>
/// <param name="PositiveSimilarity">Mean cosine similarity to the positive key.</param>
/// <param name="NegativeSimilarity">Mean cosine similarity to the negative keys.</param>
/// <param name="Spread">Mean deviation of the embeddings' dimensions times √dim: 1 on the whole sphere, 0 collapsed.</param>
public readonly record struct MeasuredStep(double Loss, double ContrastAccuracy, double PositiveSimilarity, double NegativeSimilarity, double Spread);
