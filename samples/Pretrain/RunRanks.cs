using MoCo.Distributed;
using MoCo.Training;

namespace Pretrain;

/// <summary>The processes of a run that train one model: joins them, compares what they were asked for, lets them end together.</summary>
internal sealed class RunRanks
{
    /// <summary>What a launcher said.</summary>
    public LaunchEnvironment Launched { get; } = LaunchEnvironment.Read();

    /// <summary>The processes; this one alone until they are joined.</summary>
    public ProcessGroup Group { get; private set; } = ProcessGroup.Single;

    /// <summary>Whether they were asked to stop, and all know it.</summary>
    public bool HaveStopped { get; private set; }

    /// <summary>Joins them first of all, where that needs no GPU: whoever ends from here on without Complete ends all ranks.</summary>
    public void JoinEarly()
    {
        if (Launched.IsMpi) Join(CPU);
    }

    public void Join(Device device)
    {
        Group = ProcessGroup.FromEnvironment(device);
        if (Group.Size > 1) Ranks.Joined();
    }

    /// <summary>Compares what decides when ranks meet, and what they train.</summary>
    /// <exception cref="ProcessGroupException">A rank was asked for something else; every rank throws.</exception>
    public void RequireEqual(Plan plan, Origin? origin) => Group.RequireEqual(
    [
        .. Settings.All.Where(setting => !setting.IsOfProcessors && setting.Name is not ("data" or "test" or "device"))
            .Select(setting => ($"--{setting.Name}", setting.Read(plan))),
        ("the checkpoint that the run goes on from", origin is null ? null
            : $"{Path.GetFileName(origin.Checkpoint)}, {new FileInfo(origin.Checkpoint).Length} bytes"),
    ]);

    /// <summary>A wish to stop is of all ranks, whoever was asked.</summary>
    public void AgreeOnStopping(StopSignals signals)
    {
        int code = (int)Group.Max(signals.Token.IsCancellationRequested ? signals.ExitCode : 0);
        HaveStopped = code != 0;
        if (HaveStopped && Group.Size > 1) signals.Follow(code);
    }

    /// <summary>Waits with an error that all ranks have: rank 0 may be writing a checkpoint yet, and ends the job.</summary>
    public void LeaveToRankZero(Exception error)
    {
        if (Group.Rank > 0 && error is TrainingDivergedException or ProcessGroupException) Thread.Sleep(TimeSpan.FromMinutes(10));
    }
}
