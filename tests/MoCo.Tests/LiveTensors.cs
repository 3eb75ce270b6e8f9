using TorchSharp;

namespace MoCo.Tests;

internal static class LiveTensors
{
    /// <summary>The count of live tensors once everything that earlier tests left to the finaliser is gone.</summary>
    public static long Settled()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return torch.Tensor.TotalCount;
    }
}
