namespace MoCo.Training;

/// <summary>How far training has come, reported at every logging interval and at the end of every epoch and of the run.</summary>
/// <param name="Epoch">The epoch under way (or just ended), from 0.</param>
/// <param name="Epochs">Epochs in all; null in a run by time.</param>
/// <param name="Batch">Batches of the epoch that are done.</param>
/// <param name="Batches">Batches of an epoch.</param>
/// <param name="Step">Steps done in all.</param>
/// <param name="Share">How much of the run is done, 0–1: of its steps, or of its time.</param>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="ContrastAccuracy">Mean contrast accuracy since the last report, 0–1.</param>
/// <param name="ChanceLoss">The loss of a model that knows nothing, as the method has it: ln(K+1) for MoCo.</param>
/// <param name="LearningRate">The rate of the latest step.</param>
/// <param name="ImagesPerSecond">Since this call of Fit began.</param>
/// <param name="TimeLeft">At that speed, or of the time given.</param>
/// <param name="Summary">The epoch's numbers if it has just ended, or the time has within it, else null.</param>
public readonly record struct TrainingProgress(
    int Epoch, int? Epochs, int Batch, int Batches, long Step, double Share, double Loss, double ContrastAccuracy, double ChanceLoss,
    double LearningRate, double ImagesPerSecond, TimeSpan TimeLeft, EpochSummary? Summary)
{
    /// <summary>L2 norm over all gradients, before they are clipped, as <see cref="MeasuredStep.GradientNorm"/>.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Accuracy of the online probe, as <see cref="MeasuredStep.ProbeAccuracy"/>; null without one, or without labels.</summary>
    public double? ProbeAccuracy { get; init; }

    /// <summary>Steps of the run that were left out since their loss or gradients were not finite.</summary>
    public long SkippedSteps { get; init; }

    /// <summary>Negatives that are of their query's own class, in the latest step: their share among all keys of known class, 0–1, which
    /// is the frequency of the classes; how many of the most similar ones were looked at (1024, or all of known class), and the share among
    /// those: the better the features, the higher. Null where images have no labels, the queue does not keep them
    /// (<c>Queue.TrackSlots</c>, or a <c>Queue.LeaveOut</c>), or they were counted for an earlier report.</summary>
    public (double InQueue, int Nearest, double InNearest)? FalseNegatives { get; init; }

    /// <summary>How the embeddings lie, if it was measured since the last report, else null.</summary>
    public MeasuredEmbeddings? Embeddings { get; init; }
}

/// <summary>An epoch in numbers, means over its steps.</summary>
/// <param name="Epoch">Its number, from 0.</param>
/// <param name="Steps">Steps that were measured.</param>
/// <param name="Images">Images seen.</param>
/// <param name="Seconds">Time it took.</param>
/// <param name="Mean">Loss and measures, means over the steps.</param>
/// <param name="ChanceLoss">The loss of a model that knows nothing, as the method has it: ln(K+1) for MoCo.</param>
/// <param name="WaitShare">Share of the time spent waiting for data, 0–1; null where it was not measured.</param>
public sealed record EpochSummary(
    int Epoch, long Steps, long Images, double Seconds, MeasuredStep Mean, double ChanceLoss, double? WaitShare)
{
    /// <summary>How the embeddings lay when the epoch measured them last; null: never.</summary>
    public MeasuredEmbeddings? Embeddings { get; init; }

    /// <summary>Whether the loss means what it will: not in a run's first images (<see cref="Contrast.ContrastiveMethod.SettlingImages"/>).
    /// Default: true.</summary>
    public bool HasSettled { get; init; } = true;

    /// <summary>Images per second.</summary>
    public double ImagesPerSecond => Seconds > 0 ? Images / Seconds : 0;

    /// <summary>The epoch in one line of plain words: how training does and what to do about it.</summary>
    public string Health() => TrainingHealth.Describe(this);
}

/// <summary>How a call of Fit ended.</summary>
/// <param name="Cancelled">Whether it was asked to stop before the last epoch was done.</param>
/// <param name="Steps">Steps it made.</param>
/// <param name="Images">Images it saw.</param>
/// <param name="Elapsed">Time it took.</param>
public readonly record struct FitResult(bool Cancelled, long Steps, long Images, TimeSpan Elapsed);
