using TorchSharp;

namespace MoCo.Tests.StandIns.NN;

/// <summary>Tests that count the live tensors of the process, or seed its generator, run alone.</summary>
[CollectionDefinition(Alone, DisableParallelization = true)]
public class LiveTensors
{
    public const string Alone = "Live tensors";

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
