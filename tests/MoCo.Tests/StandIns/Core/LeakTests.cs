using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class LeakTests
{
    [Fact]
    public void Ten_thousand_operations_leave_no_tensor_and_no_memory_behind()
    {
        using Tensor x = ones([64, 64], requires_grad: true);
        for (int i = 0; i < 200; i++) Step(x);
        (long tensors, long memory) = (Tensor.TotalCount, Environment.WorkingSet);

        for (int i = 0; i < 2000; i++) Step(x);

        Assert.Equal(tensors, Tensor.TotalCount);
        // each step makes over 16 KiB a tensor: a single tensor kept per step would be 32 MB
        Assert.InRange(Environment.WorkingSet - memory, long.MinValue, 24 << 20);
    }

    [Fact]
    public void The_finaliser_lets_go_of_a_forgotten_tensor()
    {
        long before = Tensor.TotalCount;
        Forget();
        Assert.Equal(before + 5, Tensor.TotalCount);

        GC.Collect();
        GC.WaitForPendingFinalizers();

        Assert.InRange(Tensor.TotalCount, 0, before);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static void Forget()
    {
        for (int i = 0; i < 5; i++) _ = zeros(1);
    }

    // five operations and a backward pass
    private static void Step(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor y = (x * 2).relu().matmul(x);
        Tensor[] halves = y.chunk(2);
        (halves[0] + halves[1]).sum().backward();
        x.grad!.zero_();
    }
}
