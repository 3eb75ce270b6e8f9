namespace MoCo.Evaluation.Diagnostics;

/// <summary>How long ago the keys of a queue were made.</summary>
/// <param name="Ages">For each slot how many training steps lie between its key and the newest one; −1 for a random key from the
/// queue's beginning.</param>
/// <param name="Oldest">The greatest age; −1 where no key was made yet.</param>
/// <param name="Mean">The mean age of the keys that were made; not a number where there are none.</param>
/// <param name="Untouched">Slots with a random key from the queue's beginning.</param>
public sealed record QueueAges(IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched);

/// <summary>How many of a queue's keys are of a query's own class: negatives that are none.</summary>
/// <param name="InQueue">Mean share among all keys of known class, 0 … 1; about the class's frequency.</param>
/// <param name="Nearest">How many of the most similar keys are looked at for <paramref name="InNearest"/>.</param>
/// <param name="InNearest">Mean share among those, 0 … 1: the better the features, the higher.</param>
/// <param name="Keys">Keys of known class.</param>
/// <param name="Queries">Queries of known class.</param>
public readonly record struct SameClassShare(double InQueue, int Nearest, double InNearest, int Keys, int Queries);
