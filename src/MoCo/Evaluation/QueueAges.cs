namespace MoCo.Evaluation;

/// <summary>How long ago the keys of a queue were made.</summary>
/// <param name="Ages">For each slot how many training steps lie between its key and the newest one; −1 for a random key from the
/// queue's beginning.</param>
/// <param name="Oldest">The greatest age; −1 where no key was made yet.</param>
/// <param name="Mean">The mean age of the keys that were made; not a number where there are none.</param>
/// <param name="Untouched">Slots with a random key from the queue's beginning.</param>
public sealed record QueueAges(IReadOnlyList<long> Ages, long Oldest, double Mean, int Untouched);
