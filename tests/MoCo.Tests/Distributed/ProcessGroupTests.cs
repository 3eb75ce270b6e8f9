using MoCo.Distributed;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Distributed;

/// <summary>What joins ranks that were launched, by launcher and device.</summary>
public sealed class ProcessGroupTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(nameof(Launcher.None), DeviceType.CPU)]
    [InlineData(nameof(Launcher.OpenMpi), DeviceType.CPU)]
    [InlineData(nameof(Launcher.Mpich), DeviceType.CPU)]
    [InlineData(nameof(Launcher.Slurm), DeviceType.CUDA)]
    [InlineData(nameof(Launcher.Torchrun), DeviceType.CUDA)]
    [InlineData(nameof(Launcher.Torchrun), DeviceType.MPS)]
    public void One_process_needs_no_library(string launcher, DeviceType device)
        => Assert.Same(ProcessGroup.Single,
            ProcessGroup.Launched(new LaunchEnvironment(Enum.Parse<Launcher>(launcher), 0, 1, 0, 1), new Device(device, -1), Patience));

    [Fact]
    public void Torchruns_ranks_on_a_CPU_are_refused_with_what_to_do()
        => Assert.Equal("WORLD_SIZE says 2 processes, which torchrun launched, and they train on the CPU, where ranks talk by MPI: launch "
            + "them with mpirun, mpiexec or srun, or train on GPUs.", Refused(nameof(Launcher.Torchrun), CPU));

    [Fact]
    public void Ranks_on_other_devices_are_refused_by_name()
        => Assert.Equal("PMI_SIZE says 2 processes, and the device is mps; expected the CPU, where ranks talk by MPI, or CUDA, where they "
            + "talk by NCCL.", Refused(nameof(Launcher.Mpich), new Device(DeviceType.MPS, -1)));

    [Theory]
    [InlineData(nameof(Launcher.OpenMpi))]
    [InlineData(nameof(Launcher.Slurm))]
    [InlineData(nameof(Launcher.Torchrun))]
    public void Ranks_on_GPUs_need_a_GPU_each(string launcher)
    {
        // Also where there are some, there are not so many.
        string expected = cuda.is_available() ? "this rank sees " : "libtorch sees no GPU; expected one for each rank, ";
        Assert.StartsWith($"The device is cuda:99, and {expected}", Refused(launcher, new Device(DeviceType.CUDA, 99)),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void No_time_is_refused(double seconds)
        => Assert.Throws<ArgumentOutOfRangeException>(() => ProcessGroup.Launched(
            new LaunchEnvironment(Launcher.Torchrun, 0, 2, 0, 2), CPU, TimeSpan.FromSeconds(seconds)));

    private static string Refused(string launcher, Device device) => Assert.Throws<ProcessGroupException>(
        () => ProcessGroup.Launched(new LaunchEnvironment(Enum.Parse<Launcher>(launcher), 0, 2, 0, 2), device, Patience)).Message;
}
