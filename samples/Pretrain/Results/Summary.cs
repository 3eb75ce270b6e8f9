namespace Pretrain.Results;

/// <summary>The run in numbers, written as <c>summary.json</c>. Accuracies are in percent, null where they were not measured, the probe's
/// being that of the last quick look; so are losses and speed where nothing was left to train. The loss counts since the queue was full.
/// Contrast accuracy, 0–1, says how often the other view of an image was found among the negatives. Training's seconds are those of
/// training and quick looks, interruptions left out; the others those of the whole job.</summary>
internal sealed record Summary(
    double? KnnPixels, double? KnnUntrained, double? KnnTrained, double? Probe, double? LossFirst, double? LossLast, double LossChance,
    double? ContrastAccuracy, double? ImagesPerSecond, long Steps, double EpochsDone, int? Epochs, double? LearningRateLast,
    double TrainingSeconds, double Seconds, int Unreadable, int ViewSize, int Threads, long Seed, double PeakMemoryMb)
{
    public const string Name = "summary.json";

    public void Write(RunFolder run) => OutputFile.Replace(Path.Combine(run.Root, Name), JsonText.Of(this));
}
