namespace MoCo.Evaluation;

/// <summary>How many of a queue's keys are of a query's own class: negatives that are none.</summary>
/// <param name="InQueue">Mean share among all keys of known class, 0 … 1; about the class's frequency.</param>
/// <param name="Nearest">How many of the most similar keys are looked at for <paramref name="InNearest"/>.</param>
/// <param name="InNearest">Mean share among those, 0 … 1: the better the features, the higher.</param>
/// <param name="Keys">Keys of known class.</param>
/// <param name="Queries">Queries of known class.</param>
public readonly record struct SameClassShare(double InQueue, int Nearest, double InNearest, int Keys, int Queries);
