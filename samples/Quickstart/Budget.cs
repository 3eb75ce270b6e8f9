namespace Quickstart;

/// <summary>The time that was asked for, for the whole job: what is measured before training, training, and what is measured after it.</summary>
/// <param name="given">From the program's beginning to its end.</param>
/// <param name="time">Where the time comes from; null: the system.</param>
internal sealed class Budget(TimeSpan given, TimeProvider? time = null)
{
    /// <summary>The end is taken to need so many times what the same measurement took before training, since machines have moods.</summary>
    private const double Caution = 1.25;

    /// <summary>Training gets this share of the time in any case: on a machine that measures for minutes, the job takes longer than asked for.</summary>
    private const double LeastShare = 0.5;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long started = (time ?? TimeProvider.System).GetTimestamp();

    public TimeSpan Given => given;

    /// <summary>What training gets where measuring leaves less.</summary>
    public TimeSpan LeastForTraining => given * LeastShare;

    /// <summary>Since the program began.</summary>
    public TimeSpan Spent => time.GetElapsedTime(started);

    /// <summary>What training gets of the time that is left.</summary>
    /// <param name="measuring">What has to be measured after training, as long as it took before.</param>
    public TimeSpan ForTraining(TimeSpan measuring)
    {
        TimeSpan left = given - Spent - measuring * Caution;
        return left > LeastForTraining ? left : LeastForTraining;
    }
}
