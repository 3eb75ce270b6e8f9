using MoCo.Distributed;

namespace MoCo.Training;

/// <summary>The time that training has taken, interruptions left out, beside the time that it is given: in a timed run the learning rate
/// follows <see cref="Share"/>, so that it comes down with the time whatever the machine's speed is at any moment.</summary>
/// <param name="given">The time given; null: no limit.</param>
internal sealed class TrainingClock(TimeSpan? given)
{
    private TimeSpan before;
    private TimeSpan? agreed;
    private long? started;

    /// <summary>Where the time comes from.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Time that the clock ran, in this process and, after <see cref="Set"/>, in those before.</summary>
    /// <remarks>After <see cref="Agree"/> it stands until the next time.</remarks>
    public TimeSpan Spent => agreed ?? Running;

    /// <summary>Time that is left, 0 or more; null: no limit.</summary>
    public TimeSpan? Left => given is { } limit ? TimeSpan.FromTicks(Math.Max(0, (limit - Spent).Ticks)) : null;

    /// <summary>How much of the time given is spent, 0–1; 0 without a limit.</summary>
    public double Share => given is { } limit ? Math.Min(1, Spent / limit) : 0;

    /// <summary>Lets the clock run; it may run already.</summary>
    public void Start() => started ??= Time.GetTimestamp();

    /// <summary>Holds the clock; it may stand already.</summary>
    public void Stop() => (before, started) = (Running, null);

    /// <summary>Holds the clock at a time.</summary>
    public void Set(TimeSpan spent) => (before, started, agreed) = (spent, null, null);

    /// <summary>Takes rank 0's time for that of all, where a run goes by time: clocks differ, and with them rates would.</summary>
    public void Agree(ProcessGroup group)
    {
        if (given is not null && group.Size > 1) agreed = TimeSpan.FromTicks(group.OfRankZero(Running.Ticks));
    }

    private TimeSpan Running => before + (started is long from ? Time.GetElapsedTime(from) : TimeSpan.Zero);
}
