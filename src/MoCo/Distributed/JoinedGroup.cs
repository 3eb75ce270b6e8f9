namespace MoCo.Distributed;

/// <summary>Ranks that a launcher has started and a library joins: one call at a time, each under the watch.</summary>
internal abstract class JoinedGroup(LaunchEnvironment launched) : ProcessGroup
{
    private readonly Lock calling = new();
    private bool completed;

    public sealed override int Rank => launched.Rank;

    public sealed override int Size => launched.Size;

    internal sealed override int LocalRank => launched.LocalRank;

    public sealed override int LocalSize => launched.LocalSize;

    /// <summary>Where tensors must lie.</summary>
    private protected abstract Device Place { get; }

    /// <summary>The library, as messages call it.</summary>
    private protected abstract string Library { get; }

    private protected abstract CollectiveWatch Watch { get; }

    public sealed override void Complete()
    {
        lock (calling)
        {
            if (completed) return;
            Meet();
            completed = true;
            Leave();
            Watch.Stop();
        }
    }

    /// <summary>From here on the end of the process ends all ranks, unless the work is complete.</summary>
    /// <remarks>An unhandled exception and a signal do not come here: they end the process with a code that launchers take for a
    /// failure.</remarks>
    internal void EndWithTheProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        if (!completed) Break(Environment.ExitCode is 0 ? BrokenExitCode : Environment.ExitCode);
        else LeaveAtExit(Environment.ExitCode);
    };

    /// <summary>Waits for all ranks.</summary>
    private protected abstract void Meet();

    /// <summary>Waits for all ranks before a call, where the call's own wait would keep a core busy; gives the library's error code, 0 for
    /// none.</summary>
    private protected virtual int WaitForAll() => 0;

    /// <summary>Lets go of the library.</summary>
    private protected abstract void Leave();

    /// <summary>Lets go of what must be held until the process ends, with its exit code.</summary>
    private protected virtual void LeaveAtExit(int code)
    {
    }

    /// <summary>Ends the process, and all ranks with it.</summary>
    private protected abstract void Break(int code);

    /// <summary>What an error code of the library means.</summary>
    private protected abstract string Describe(int code);

    /// <summary>What tells whether the call that was just made has ended, where it goes on after it has returned.</summary>
    private protected virtual Func<bool>? Mark() => null;

    /// <summary>Makes a collective call.</summary>
    /// <param name="call">Its name.</param>
    /// <param name="values">What it moves.</param>
    /// <param name="run">Makes it with the tensor's bytes; gives the library's error code, 0 for none.</param>
    /// <param name="alike">Whether every rank moves as much: where that is nothing, there is no call.</param>
    private protected void Call(string call, Tensor values, Func<int, int> run, bool alike = true)
    {
        if (values.device_type != Place.type || (Place.index >= 0 && values.device_index != Place.index))
            throw new ArgumentException(
                $"The {call} is of a tensor on {values.device}; expected {Place}, where this rank talks by {Library}.");
        if (alike && values.numel() == 0) return;
        lock (calling)
        {
            if (completed) throw new InvalidOperationException($"The {call} comes after {nameof(Complete)}, which ends the common work.");
            Check($"{call} of {string.Join("×", values.shape)} {values.dtype}", () => run((int)(values.numel() * values.ElementSize)));
        }
    }

    private protected void Check(string call, Func<int> run)
    {
        int code = Watch.During($"Rank {Rank}: the {call}", () => WaitForAll() is not 0 and int failed ? failed : run(), Mark);
        if (code != 0) throw new ProcessGroupException($"Rank {Rank}: {call} failed in {Library}: {Describe(code)}.");
    }
}
