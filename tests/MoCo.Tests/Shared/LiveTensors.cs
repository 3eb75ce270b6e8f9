using TorchSharp;

namespace MoCo.Tests.Shared;

internal static class LiveTensors
{
    /// <summary>What the making of a module's parameters adds to TorchSharp's count for ever: it counts the tensor that a Parameter takes
    /// over, never its end.</summary>
    public static long TakenOver(torch.nn.Module module) => module.parameters().Count();

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
