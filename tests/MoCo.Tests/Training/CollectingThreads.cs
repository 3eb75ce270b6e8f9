namespace MoCo.Tests.Training;

/// <summary>Makes the garbage collector run all the time: one thread collects the youngest generation, one everything, one allocates large
/// arrays.</summary>
internal sealed class CollectingThreads : IDisposable
{
    private readonly Thread[] threads;
    private volatile bool stopped;

    public CollectingThreads()
    {
        threads =
        [
            // Of 40 temporaries a step the first was freed too early after 161, 23, 354, 93 and 53 steps where this one paused for 2 ms,
            // after 105, 64, 76, 101 and 65 without a pause. Without one, a slow machine does little else: half a minute became minutes.
            Repeating(() => GC.Collect(0), pause: 1),
            Repeating(() => GC.Collect(2), pause: 200),
            Repeating(() => GC.KeepAlive(new byte[1 << 20]), pause: 10),
        ];
        foreach (Thread thread in threads) thread.Start();
    }

    public void Dispose()
    {
        stopped = true;
        foreach (Thread thread in threads) thread.Join();
    }

    private Thread Repeating(Action action, int pause) => new(() =>
    {
        while (!stopped)
        {
            action();
            Thread.Sleep(pause);
        }
    });
}
