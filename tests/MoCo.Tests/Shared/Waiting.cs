using System.Diagnostics;

namespace MoCo.Tests.Shared;

/// <summary>Waits for what another process does.</summary>
internal static class Waiting
{
    public static void Until(Func<bool> done, int seconds = 60)
    {
        long started = Stopwatch.GetTimestamp();
        while (!done())
        {
            Assert.True(Stopwatch.GetElapsedTime(started).TotalSeconds < seconds, "waited in vain");
            Thread.Sleep(20);
        }
    }
}
