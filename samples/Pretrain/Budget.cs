namespace Pretrain;

/// <summary>The time that was asked for, for the whole job: measuring before training, training, and measuring after it.</summary>
/// <param name="given">From the program's beginning to its end.</param>
/// <param name="time">Where the time comes from; null: the system.</param>
internal sealed class Budget(TimeSpan given, TimeProvider? time = null)
{
    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly long started = (time ?? TimeProvider.System).GetTimestamp();

    public TimeSpan Given => given;

    /// <summary>Whether a run by time gets its time from here; false: it keeps what it has left.</summary>
    public bool IsGiven { get; init; } = true;

    /// <summary>What training gets in any case: on a machine that measures for minutes, the job takes longer than asked for.</summary>
    public TimeSpan LeastForTraining => given * 0.5;

    /// <summary>Since the program began.</summary>
    public TimeSpan Spent => time.GetElapsedTime(started);

    /// <summary>What training gets of the time that is left.</summary>
    /// <param name="measuring">What measuring took before training. As much and a quarter more is kept for doing it again after.</param>
    public TimeSpan ForTraining(TimeSpan measuring)
    {
        TimeSpan left = given - Spent - measuring * 1.25;
        return left > LeastForTraining ? left : LeastForTraining;
    }

    /// <summary>What becomes of the time, in a sentence.</summary>
    public string Split(TimeSpan training) => training > LeastForTraining
        ? $"Training for {Text(training)} of the {Text(given)}; the rest is for measuring."
        : $"Measuring takes long on this machine: training gets {Text(training)} all the same, and the job more than {Text(given)}.";

    public static string Text(TimeSpan time) =>
        time.TotalHours < 1 ? $"{time.Minutes}:{time.Seconds:00} min" : $"{(int)time.TotalHours}:{time.Minutes:00} h";
}
