using System.Runtime.InteropServices;

namespace MoCo.Distributed;

/// <summary>Ends the process where a collective call waits for other ranks longer than it may: they are gone, stuck or at another call,
/// and nothing else ever would end it.</summary>
internal sealed partial class CollectiveWatch
{
    private readonly TimeSpan patience;
    private readonly Action<string> end;
    private readonly Lock gate = new();
    private volatile bool stopped;
    private long calls;
    private (string Call, long Since)? waiting;

    /// <param name="patience">How long a call may take.</param>
    /// <param name="end">Told what hung; null writes it to the error output and ends the process with code 70.</param>
    public CollectiveWatch(TimeSpan patience, Action<string>? end = null)
    {
        (this.patience, this.end) = (patience, end ?? EndProcess);
        new Thread(Watch) { IsBackground = true, Name = "MoCo collectives" }.Start();
    }

    /// <summary>Makes a call under the watch.</summary>
    /// <param name="call">What it is, for the message.</param>
    /// <param name="run">The call.</param>
    public int During(string call, Func<int> run)
    {
        lock (gate) (calls, waiting) = (calls + 1, (call, Environment.TickCount64));
        try
        {
            return run();
        }
        finally
        {
            lock (gate) waiting = null;
        }
    }

    /// <summary>There will be no more calls.</summary>
    public void Stop() => stopped = true;

    private void Watch()
    {
        int look = (int)Math.Clamp(patience.TotalMilliseconds / 10, 10, 1_000);
        for (; !stopped; Thread.Sleep(look)) Look();
    }

    private void Look()
    {
        string message;
        lock (gate)
        {
            if (waiting is not { } call || Environment.TickCount64 - call.Since < patience.TotalMilliseconds) return;
            waiting = null;
            message = Invariant(
                $"{call.Call}, call {calls}, has waited for the other ranks for {patience.TotalSeconds:N0} s, the time-out; ")
                + "they are gone, stuck or at another call. This rank ends, and the job with it.";
        }
        end(message);
    }

    private static void EndProcess(string message)
    {
        Console.Error.WriteLine(message);
        // Nothing that still runs may call the library, which another thread is waiting in.
        ExitNow(ProcessGroup.BrokenExitCode);
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial void ExitNow(int code);
}
