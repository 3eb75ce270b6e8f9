namespace MoCo.Training;

/// <summary>How far training has come, reported at every logging interval and at the end of every epoch and of the run.</summary>
/// <param name="Epoch">The epoch under way (or just ended), from 0.</param>
/// <param name="Epochs">Epochs in all; null in a run by time (<see cref="MoCoOptions.Duration"/>).</param>
/// <param name="Batch">Batches of the epoch that are done.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Step">Steps done in all.</param>
/// <param name="Share">How much of the run is done, 0–1: of its steps, or of its time.</param>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="ContrastAccuracy">Mean contrast accuracy since the last report, 0–1.</param>
/// <param name="ChanceLoss">The loss of a model that knows nothing: ln(K+1).</param>
/// <param name="LearningRate">The rate of the latest step.</param>
/// <param name="ImagesPerSecond">Since this call of Fit began.</param>
/// <param name="TimeLeft">At that speed, or of the time given.</param>
/// <param name="Summary">The epoch's numbers if it has just ended, or the time has within it, else null.</param>
public readonly record struct TrainingProgress(
    int Epoch, int? Epochs, int Batch, int Batches, long Step, double Share, double Loss, double ContrastAccuracy, double ChanceLoss,
    double LearningRate, double ImagesPerSecond, TimeSpan TimeLeft, EpochSummary? Summary);
