using System.Diagnostics;
using System.Runtime;

namespace MoCo.Training;

/// <summary>Keeps garbage collections out of training steps, as far as the process allows it.</summary>
/// <remarks>The seat belt for what this library cannot audit: modules that callers bring and TorchSharp's own insides may give libtorch a
/// scalar that nothing holds, and a collection in that moment ends the run (<see cref="Tensors.HeldScalars"/>). A region without
/// collections holds for many steps and begins with a full collection, so it is renewed when half of its budget is used, and never where
/// that would take more than one percent of the time. It ends by itself when the process allocates more than the budget or collects
/// explicitly. A region of the caller's own is left alone. The region is the process's; trainers share it.</remarks>
internal sealed class CollectionPause : IDisposable
{
    /// <summary>Bytes that may be allocated in a region.</summary>
    internal const long Budget = 32 << 20;

    private static readonly Lock Gate = new();
    private static bool begun;
    private static int collectionsAtStart;
    private static long allocatedAtStart;

    private readonly double largestShare;
    private readonly long created = Stopwatch.GetTimestamp();
    private TimeSpan spent;

    /// <param name="largestShare">Of the time since this was made, what renewing may take.</param>
    internal CollectionPause(double largestShare = 0.01) => this.largestShare = largestShare;

    /// <summary>Whether the process is in a region that this class began.</summary>
    internal static bool IsActive
        => begun && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion && GC.CollectionCount(0) == collectionsAtStart;

    /// <summary>To be called when a step begins: begins a region or renews one that is half used.</summary>
    internal void Renew()
    {
        lock (Gate)
        {
            bool active = IsActive;
            if (active && GC.GetTotalAllocatedBytes() - allocatedAtStart < Budget / 2) return;
            if (!active && GCSettings.LatencyMode == GCLatencyMode.NoGCRegion) return; // the caller's
            if (spent > Stopwatch.GetElapsedTime(created) * largestShare) return;
            long started = Stopwatch.GetTimestamp();
            if (active) End();
            // A new region takes fresh memory: without this, the process would keep that of those before.
            if (active) GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Begin();
            spent += Stopwatch.GetElapsedTime(started);
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (IsActive) End();
            begun = false;
        }
    }

    private static void Begin()
    {
        try
        {
            begun = GC.TryStartNoGCRegion(Budget);
        }
        catch (Exception cause) when (cause is InvalidOperationException or ArgumentOutOfRangeException)
        {
            begun = false; // another thread began one in between, or the heap has no room for it
        }
        (collectionsAtStart, allocatedAtStart) = (GC.CollectionCount(0), GC.GetTotalAllocatedBytes());
    }

    private static void End()
    {
        try
        {
            GC.EndNoGCRegion();
        }
        catch (InvalidOperationException)
        {
            // it ended in this moment: by an allocation beyond the budget or an explicit collection
        }
    }
}
