namespace MoCo.Evaluation;

/// <summary>What one setting of the neighbours' vote achieved.</summary>
/// <param name="Neighbours">Nearest neighbours that voted (k).</param>
/// <param name="Temperature">The temperature of their votes.</param>
/// <param name="Result">The accuracies.</param>
public readonly record struct KnnScore(int Neighbours, double Temperature, KnnResult Result);
