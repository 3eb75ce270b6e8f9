using System.Diagnostics;
using MoCo.Training;

namespace Samples;

/// <summary>Lines for files and pipes: no more than four a minute.</summary>
internal sealed class PlainDisplay : Display
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(15);
    private long? latest;

    public PlainDisplay() => Terminal.MakePlain();

    public override void Say(string line) => Write(line);

    public override void Show(RunStatus status)
    {
        // The end of an epoch has a line of its own.
        if (status.Progress.Summary is not null) return;
        if (latest is long before && Stopwatch.GetElapsedTime(before) < Pause) return;
        latest = Stopwatch.GetTimestamp();
        TrainingProgress now = status.Progress;
        Write(
            $"  {status.StepText}: loss {now.Loss:F3} (chance {now.ChanceLoss:F2}), contrast accuracy {now.ContrastAccuracy:P1}, "
            + $"learning rate {now.LearningRate:F4}, {now.ImagesPerSecond:F0} images/s, {status.WaitShare:P0} waiting for data, "
            + $"{status.TimeLeftText} left");
    }

    private static void Write(string line)
    {
        try
        {
            Console.WriteLine(line);
        }
        catch (IOException)
        {
            // A log on a full disk ends no training.
        }
    }
}
