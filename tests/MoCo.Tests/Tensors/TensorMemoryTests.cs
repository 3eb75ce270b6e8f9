using System.Runtime.InteropServices;
using MoCo.Encoders;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Tensors;

public sealed class TensorMemoryTests
{
    [Fact]
    public void On_Linux_large_tensors_lie_in_the_pool_and_small_ones_do_not()
    {
        TorchLibrary.Load();
        bool isX64 = RuntimeInformation.RuntimeIdentifier.EndsWith("-x64", StringComparison.Ordinal);
        Assert.Equal(OperatingSystem.IsLinux() && isX64, TensorMemory.Pool is not null);
        if (TensorMemory.Pool is null) return;
        using Tensor small = zeros(1000), large = zeros(1 << 20), view = large[..100];
        Assert.False(IsInPool(small));
        Assert.True(IsInPool(large) && IsInPool(view));
    }

    /// <summary>Without the pool the system clears a step's activations page by page, at every step anew.</summary>
    [Fact]
    public void A_step_takes_no_new_pages()
    {
        TorchLibrary.Load();
        Assert.SkipWhen(TensorMemory.Pool is null, "the pool is for Linux");
        MoCoOptions options = MoCoOptions.Cifar with
        {
            Encoder = MoCoOptions.Cifar.Encoder with { Backbone = Backbone.ResNet18, Width = 0.25, BatchNormSplits = 1 },
            BatchSize = 256,
        };
        (long pooled, long faults) = MemoryPeakProgram.Of(options, 32);
        (long plain, long faultsOfLibtorch) = MemoryPeakProgram.Of(options, 32, pools: false);
        Assert.InRange(faults, 0, faultsOfLibtorch / 4);
        Assert.InRange((double)pooled / plain, 0.5, 1.15);
    }

    private static unsafe bool IsInPool(Tensor tensor) => TensorMemory.Pool!.Holds((void*)Address(tensor));

    private static unsafe nint Address(Tensor tensor)
    {
        fixed (byte* start = tensor.bytes) return (nint)start;
    }
}
