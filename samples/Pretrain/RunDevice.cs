using TorchSharp;
using static TorchSharp.torch;

namespace Pretrain;

/// <summary>Where a run computes.</summary>
internal static class RunDevice
{
    /// <exception cref="UsageException">There is no such device here.</exception>
    public static Device For(Plan plan)
    {
        set_num_threads(plan.Threads);
        if (plan.Device == "cpu") return CPU;
        int number = 0;
        if (plan.Device.StartsWith("cuda:", StringComparison.Ordinal) && !int.TryParse(plan.Device.AsSpan(5), out number))
            throw new UsageException($"--device is '{plan.Device}'; expected cpu, cuda or cuda:N.");
        if (!cuda.is_available())
            throw new UsageException($"--device is '{plan.Device}', and this build and machine have no CUDA; expected cpu, or a build with -p:TorchBackend=cuda-linux on a machine with a GPU.");
        return new Device(DeviceType.CUDA, number);
    }
}
