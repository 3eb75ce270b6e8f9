using System.Diagnostics;
using MoCo.Contrast.Losses;
using MoCo.Training;
using Pretrain;

namespace Lab;

/// <summary>How long an epoch takes, from a few of its steps.</summary>
internal static class Pace
{
    private const int Warm = 2, Fewest = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(1.5);

    /// <summary>Seconds of an epoch of a run.</summary>
    public static double OfEpoch(Plan plan, DataSet data, CancellationToken stop)
    {
        // What begins later in a run is part of its steps.
        LossOptions loss = plan.Options.Loss;
        if (loss.Mixing is { } mixing) loss = loss with { Mixing = mixing with { FromEpoch = 0 } };
        using TwoCropLoader loader = data.Loader(plan, CPU);
        using MoCoTrainer trainer = new(plan.Options with { Loss = loss });
        long started = Stopwatch.GetTimestamp();
        int warm = 0;
        try
        {
            foreach (TwoCropBatch batch in loader.Epoch(0, cancellationToken: stop))
            {
                using (batch) trainer.Step(batch);
                if (trainer.StepCount == Warm && loader.BatchesPerEpoch > Warm) (warm, started) = (Warm, Stopwatch.GetTimestamp());
                if (trainer.StepCount >= Warm + Fewest && Stopwatch.GetElapsedTime(started) > Longest) break;
            }
        }
        catch (TrainingDivergedException)
        {
            // Its run will be recorded as such.
        }
        return Stopwatch.GetElapsedTime(started).TotalSeconds / Math.Max(1, trainer.StepCount - warm) * loader.BatchesPerEpoch;
    }
}
