using System.Diagnostics;
using MoCo;
using MoCo.Data;

namespace Quickstart;

/// <summary>
/// The time that was asked for, for training: calibration, steps and monitors. What is measured before and after comes on top.
/// </summary>
internal sealed class Budget(double minutes)
{
    private const int WarmUpSteps = 4, TimedSteps = 20;

    /// <summary>Calibration may take this share of the time at most.</summary>
    private const double CalibrationShare = 0.1;

    /// <summary>Left free, since machines have moods.</summary>
    private const double Reserve = 0.06;

    private readonly long started = Stopwatch.GetTimestamp();
    private long? trainingStarted;

    public double Seconds => minutes * 60;

    /// <summary>Since the program began.</summary>
    public double Spent => Stopwatch.GetElapsedTime(started).TotalSeconds;

    /// <summary>Seconds that are left for training.</summary>
    public double ForTraining => Seconds - (trainingStarted is long begun ? Stopwatch.GetElapsedTime(begun).TotalSeconds : 0);

    /// <summary>The number of whole epochs that fit, so that the cosine schedule ends with the time.</summary>
    /// <param name="picturesPerSecond">The speed of training.</param>
    /// <param name="pictures">Pictures in an epoch.</param>
    /// <param name="monitorSeconds">What is measured after an epoch.</param>
    /// <param name="most">More than this bring little, and are only made if asked for.</param>
    public int Epochs(double picturesPerSecond, int pictures, double monitorSeconds, int most)
    {
        double epoch = pictures / picturesPerSecond + monitorSeconds;
        return (int)Math.Clamp(ForTraining * (1 - Reserve) / epoch, 1, most);
    }

    /// <summary>Trains a few steps with a trainer that is thrown away, to learn how fast this machine is.</summary>
    /// <returns>Pictures per second.</returns>
    public double Calibrate(Recipe recipe, MoCoOptions options, IImageSource pictures, CancellationToken stop)
    {
        trainingStarted ??= Stopwatch.GetTimestamp();
        using var trainer = new MoCoTrainer(options);
        using var loader = recipe.Loader(pictures, options);
        double limit = Spent + CalibrationShare * Seconds;
        long timed = 0, from = 0;
        int steps = 0;
        foreach (TwoCropBatch batch in loader.Epoch(0, cancellation: stop))
        {
            using (batch) trainer.Step(batch);
            stop.ThrowIfCancellationRequested();
            steps++;
            if (from != 0) timed += batch.Size;
            else if (steps == WarmUpSteps || Spent > limit) from = Stopwatch.GetTimestamp();
            if (timed > 0 && (steps == WarmUpSteps + TimedSteps || Spent > limit)) break;
        }
        return timed > 0 ? timed / Stopwatch.GetElapsedTime(from).TotalSeconds : double.PositiveInfinity;
    }
}
