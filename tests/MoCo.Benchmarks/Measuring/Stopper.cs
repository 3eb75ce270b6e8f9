using System.Diagnostics;

namespace MoCo.Benchmarks.Measuring;

/// <summary>Times functions as pytorch/step.py does: a warm-up of two runs, or one that took three seconds, then until the time is
/// up.</summary>
/// <param name="synchronise">Waits for the device.</param>
/// <param name="before">Done before each run, outside of the time.</param>
internal sealed class Stopper(Action synchronise, Action? before = null)
{
    private const double EnoughWarmUp = 3;

    /// <summary>Take the processor time of the process, all its threads together, for a run's duration.</summary>
    public bool ProcessorTime { get; init; }

    /// <summary>Durations in milliseconds of functions that take turns, so that a busy moment of the machine hits all of them and their
    /// differences stand.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="seconds">Time for all of them together.</param>
    /// <param name="fewest">Runs of each, however long they take.</param>
    public double[][] Time(IReadOnlyList<Action> functions, double seconds, int fewest = 3)
    {
        foreach (Action function in functions) WarmUp(function);
        List<double>[] durations = [.. functions.Select(_ => new List<double>())];
        long start = Stopwatch.GetTimestamp();
        while (durations[0].Count < fewest || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
            for (int i = 0; i < functions.Count; i++) durations[i].Add(TimeOne(functions[i]));
        return [.. durations.Select(d => d.ToArray())];
    }

    private void WarmUp(Action function)
    {
        if (TimeOne(function) < EnoughWarmUp * 1000) TimeOne(function);
    }

    private double TimeOne(Action function)
    {
        before?.Invoke();
        (long start, TimeSpan spent) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
        function();
        synchronise();
        return (ProcessorTime ? Environment.CpuUsage.TotalTime - spent : Stopwatch.GetElapsedTime(start)).TotalMilliseconds;
    }
}
