using MoCo.Distributed;

namespace MoCo.Tests.Distributed;

/// <summary>Calls that wait for other ranks, and those that go on on a device after they have returned.</summary>
public sealed class CollectiveWatchTests : IDisposable
{
    private readonly ManualResetEventSlim ended = new();
    private string message = "";

    [Fact]
    public void A_call_that_does_not_return_is_named_with_its_number()
    {
        CollectiveWatch watch = new(TimeSpan.FromSeconds(0.3), End);
        Assert.Equal(0, watch.During("Rank 1: the first", () => 0));
        Assert.Equal(5, watch.During("Rank 1: the second", () => ended.Wait(TimeSpan.FromSeconds(30)) ? 5 : 6));
        Assert.Equal("Rank 1: the second, call 2, has waited for the other ranks for 0 s, the time-out; they are gone, stuck or at another "
            + "call. This rank ends, and the job with it.", message);
        watch.Stop();
    }

    [Fact]
    public void Of_calls_that_a_device_has_not_done_the_oldest_is_named()
    {
        CollectiveWatch watch = new(TimeSpan.FromSeconds(0.5), End);
        watch.During("done", () => 0, () => () => true);
        watch.During("stuck", () => 0, () => () => false);
        watch.During("behind it", () => 0, () => () => false);
        Told("stuck, call 2, has waited");
        watch.Stop();
    }

    [Fact]
    public void A_device_that_goes_on_is_given_time_for_each_call()
    {
        CollectiveWatch watch = new(TimeSpan.FromSeconds(1), End);
        long start = Environment.TickCount64;
        // Each ends 0.5 s after the one before: together they take longer than one may.
        for (int i = 1; i <= 6; i++)
        {
            int due = i * 500;
            watch.During($"call {i}", () => 0, () => () => Environment.TickCount64 - start >= due);
        }
        Assert.False(ended.Wait(TimeSpan.FromSeconds(4)), message);
        watch.Stop();
    }

    [Fact]
    public void A_call_that_failed_or_threw_is_not_waited_for()
    {
        CollectiveWatch watch = new(TimeSpan.FromSeconds(0.2), End);
        Assert.Equal(3, watch.During("failed", () => 3, () => () => false));
        Assert.Throws<IOException>(() => watch.During("threw", () => throw new IOException(), () => () => false));
        watch.During("no mark", () => 0, () => null);
        Assert.False(ended.Wait(TimeSpan.FromSeconds(1)), message);
        watch.Stop();
    }

    [Fact]
    public void What_the_library_says_meanwhile_ends_the_wait()
    {
        string? error = "before any call";
        CollectiveWatch watch = new(TimeSpan.FromSeconds(5), End, () => Volatile.Read(ref error));
        Assert.False(ended.Wait(TimeSpan.FromSeconds(1)), message);
        Volatile.Write(ref error, null);
        watch.During("waits", () => 0, () => () => false);
        Volatile.Write(ref error, "the other side has hung up");
        Told("waits, call 1, cannot end: the other side has hung up. This rank ends, and the job with it.");
        watch.Stop();
    }

    public void Dispose() => ended.Dispose();

    private void End(string text)
    {
        message = text;
        ended.Set();
    }

    private void Told(string expected)
    {
        Assert.True(ended.Wait(TimeSpan.FromSeconds(30)), "nothing was told");
        Assert.StartsWith(expected, message, StringComparison.Ordinal);
    }
}
