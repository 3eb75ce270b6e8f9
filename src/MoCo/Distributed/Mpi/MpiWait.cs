using System.Diagnostics;

namespace MoCo.Distributed.Mpi;

/// <summary>Waits for all ranks and leaves the core meanwhile: MPI's own waits keep it busy, which a rank's loader, or a rank that is
/// behind, could use.</summary>
internal static unsafe class MpiWait
{
    // Looked at each millisecond after that, a wait grows by a twentieth at most.
    private static readonly TimeSpan Awake = TimeSpan.FromMilliseconds(20), Sleep = TimeSpan.FromMilliseconds(1);

    /// <summary>Returns once all ranks are here; with the library's error code, 0 for none.</summary>
    public static int ForAll(MpiLibrary mpi)
    {
        nint request = 0;
        int code = mpi.BeginBarrier(mpi.World, &request), met = 0;
        SpinWait wait = default;
        for (long begun = Stopwatch.GetTimestamp(); code == 0; wait.SpinOnce(sleep1Threshold: -1))
        {
            code = mpi.Test(&request, &met, mpi.StatusIgnore);
            if (met != 0) break;
            if (Stopwatch.GetElapsedTime(begun) > Awake) Thread.Sleep(Sleep);
        }
        return code;
    }
}
