using System.Runtime.InteropServices;

namespace MoCo.Distributed;

/// <summary>Ends the process where a collective call waits for other ranks longer than it may: they are gone, stuck or at another call,
/// and nothing else ever would end it.</summary>
internal sealed partial class CollectiveWatch
{
    private readonly TimeSpan patience;
    private readonly Action<string> end;
    private readonly Func<string?>? error;
    private readonly Lock gate = new();
    private readonly List<Call> waiting = []; // those that have not ended, the oldest first
    private volatile bool stopped;
    private long calls;

    /// <param name="patience">How long a call may take.</param>
    /// <param name="end">Told what hung; null writes it to the error output and ends the process with code 70.</param>
    /// <param name="error">Asked while a call waits: what the library says has gone wrong meanwhile, or null.</param>
    public CollectiveWatch(TimeSpan patience, Action<string>? end = null, Func<string?>? error = null)
    {
        (this.patience, this.end, this.error) = (patience, end ?? EndProcess, error);
        new Thread(Watch) { IsBackground = true, Name = "MoCo collectives" }.Start();
    }

    /// <summary>Makes a call under the watch.</summary>
    /// <param name="call">What it is, for the message.</param>
    /// <param name="run">The call.</param>
    /// <param name="mark">Once it has returned: what tells, on the watch's thread, whether a device has done what it enqueued; null where
    /// nothing was.</param>
    public int During(string call, Func<int> run, Func<Func<bool>?>? mark = null)
    {
        Call made;
        lock (gate) waiting.Add(made = new Call(call, ++calls));
        Func<bool>? ended = null;
        try
        {
            int code = run();
            if (code == 0) ended = mark?.Invoke();
            return code;
        }
        finally
        {
            if (ended is null) Drop(made);
            else made.Ended = ended;
        }
    }

    /// <summary>There will be no more calls.</summary>
    public void Stop() => stopped = true;

    /// <summary>Ends the process at once: nothing that still runs may call the library, which another thread is waiting in.</summary>
    [LibraryImport("libc", EntryPoint = "_exit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    internal static partial void ExitNow(int code);

    private void Watch()
    {
        int look = (int)Math.Clamp(patience.TotalMilliseconds / 10, 10, 1_000);
        for (; !stopped; Thread.Sleep(look)) Look();
    }

    private void Look()
    {
        Call? oldest;
        while ((oldest = Oldest()) is not null && oldest.Ended()) Drop(oldest);
        if (oldest is null) return;
        string? told = error?.Invoke();
        if (told is null && Environment.TickCount64 - oldest.Since < patience.TotalMilliseconds) return;
        lock (gate)
        {
            if (!waiting.Remove(oldest)) return; // it has ended meanwhile
            waiting.Clear();
        }
        string what = told is not null ? $"cannot end: {told}. "
            : Invariant($"has waited for the other ranks for {patience.TotalSeconds:N0} s, the time-out; ")
                + "they are gone, stuck or at another call. ";
        end(Invariant($"{oldest.Text}, call {oldest.Number}, ") + what + "This rank ends, and the job with it.");
    }

    private Call? Oldest()
    {
        lock (gate) return waiting is [Call oldest, ..] ? oldest : null;
    }

    private void Drop(Call ended)
    {
        lock (gate)
        {
            waiting.Remove(ended);
            // A device does one after the other: the next has waited for ranks from here on.
            if (waiting is [Call next, ..]) next.Since = Environment.TickCount64;
        }
    }

    private static void EndProcess(string message)
    {
        Console.Error.WriteLine(message);
        ExitNow(ProcessGroup.BrokenExitCode);
    }

    private sealed class Call(string text, long number)
    {
        public string Text => text;

        public long Number => number;

        public long Since { get; set; } = Environment.TickCount64;

        public Func<bool> Ended { get; set; } = () => false;
    }
}
