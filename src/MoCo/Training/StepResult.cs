namespace MoCo.Training;

/// <summary>One training step's outcome. Loss and measures stay on the device until they are read, which waits for it; they can be read
/// until a few hundred steps later.</summary>
public sealed class StepResult
{
    private readonly StepMeasures? measures;
    private MeasuredStep? read;

    internal StepResult(StepMeasures measures, long step, double learningRate)
        => (this.measures, Step, LearningRate) = (measures, step, learningRate);

    /// <summary>The outcome of a step that was left out.</summary>
    internal StepResult(long step, double learningRate, TrainingDivergedException error)
        => (Step, LearningRate, read) = (step, learningRate, new MeasuredStep(error.Loss, double.NaN, double.NaN, double.NaN, double.NaN)
        {
            GradientNorm = error.Norm,
        });

    /// <summary>Whether the step was left out since its loss or gradients were not finite: then it has not been, and the next one has its
    /// number.</summary>
    public bool IsSkipped => measures is null;

    /// <summary>Number of the step, from 0.</summary>
    public long Step { get; }

    /// <summary>The learning rate of the step.</summary>
    public double LearningRate { get; }

    /// <summary>The method's loss, in nats; a model that knows nothing has <see cref="Contrast.ContrastiveMethod.ChanceLoss"/>.</summary>
    public double Loss => Measured.Loss;

    /// <summary>Share of queries whose positive was nearest among the K+1 keys, 0–1.</summary>
    public double ContrastAccuracy => Measured.ContrastAccuracy;

    /// <summary>All measures of the step.</summary>
    /// <exception cref="InvalidOperationException">They are no longer kept.</exception>
    public MeasuredStep Measured => read ??= measures!.Read(Step);
}

/// <summary>What one step measured.</summary>
/// <param name="Loss">InfoNCE, in nats.</param>
/// <param name="ContrastAccuracy">Share of queries whose positive was nearest among the K+1 keys, 0–1.</param>
/// <param name="PositiveSimilarity">Mean cosine similarity to the positive key.</param>
/// <param name="NegativeSimilarity">Mean cosine similarity to the negative keys.</param>
/// <param name="Spread">Mean deviation of the embeddings' dimensions times √dim: 1 on the whole sphere, 0 collapsed.</param>
public readonly record struct MeasuredStep(
    double Loss, double ContrastAccuracy, double PositiveSimilarity, double NegativeSimilarity, double Spread)
{
    /// <summary>L2 norm over all gradients, before they are clipped (<see cref="Optimization.OptimizationOptions.ClipNorm"/>); null in
    /// steps between two looks at the measures, where nothing needs it. Of several steps the mean of those that have it.</summary>
    public double? GradientNorm { get; init; }

    /// <summary>Share of the batch's labelled images whose class the online probe told before it learned from them
    /// (<c>MoCoOptions.Probe</c>), 0–1; null in a run without one, and where no image has a label. Of several steps the mean of
    /// those that have it.</summary>
    public double? ProbeAccuracy { get; init; }
}
