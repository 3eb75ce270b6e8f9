namespace MoCo.Reporting;

/// <summary>How a <see cref="TensorBoardWriter"/> writes.</summary>
public sealed record TensorBoardOptions
{
    /// <summary>
    /// The last step that stands where a run goes on from a checkpoint: TensorBoard then forgets what earlier files of the
    /// folder say of later steps. Null (the default) for a new run.
    /// </summary>
    public long? ResumedStep { get; init; }

    /// <summary>The longest time that a written event waits before the disk has it. Default 5 s; more than 0, at most an hour.</summary>
    public TimeSpan FlushInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events that may wait for the writing thread before a caller does. Default 1000; 1 … 1,000,000.</summary>
    public int QueueCapacity { get; init; } = 1000;

    /// <summary>Gives the times of events. Default: the system's clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
