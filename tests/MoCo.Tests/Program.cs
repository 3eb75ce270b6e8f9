using MoCo.Tests.Augmentation;
using MoCo.Tests.Distributed;
using MoCo.Tests.Distributed.Nccl;
using MoCo.Tests.Encoders;
using MoCo.Tests.Imaging;
using Xunit.Runner.InProc.SystemConsole;

namespace MoCo.Tests;

/// <summary>The entry of the test program: xUnit's own runner, unless a test asks for a task in a process of its own.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args) => args switch
    {
        [MutationProgram.Name, .. string[] task] => MutationProgram.Run(task),
        [NarrowNetworksProgram.Name] => NarrowNetworksProgram.Run(),
        [GroupEndProgram.Name, .. string[] task] => GroupEndProgram.Run(task),
        [BoundsProgram.Name, .. string[] task] => BoundsProgram.Run(task),
        [RankProgram.Name, .. string[] task] => RankProgram.Run(task),
        [MemoryPeakProgram.Name, .. string[] task] => MemoryPeakProgram.Run(task),
        [KernelBoundsProgram.Name, .. string[] task] => KernelBoundsProgram.Run(task),
        _ => await ConsoleRunner.Run(args),
    };
}
