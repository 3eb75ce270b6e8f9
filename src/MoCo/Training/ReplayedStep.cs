namespace MoCo.Training;

/// <summary>What <see cref="MoCoTrainer.Replay"/> found in a batch that a run wrote aside.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Batch">The batch's number in it, from 0.</param>
/// <param name="Loss">Its loss.</param>
/// <param name="GradientNorm">The norm of its gradients; null where the loss is not finite, so that there are none.</param>
/// <param name="FirstNotFinite">The first layer, in the order of the computation, whose result is not finite, as <c>query
/// backbone.layer1.0</c>; <c>views</c> where the views are not; null where all are.</param>
/// <param name="Images">Where the images lie, in the order of the batch; empty where that is not known.</param>
public sealed record ReplayedStep(
    long Step, int Epoch, int Batch, double Loss, double? GradientNorm, string? FirstNotFinite, IReadOnlyList<string> Images);
