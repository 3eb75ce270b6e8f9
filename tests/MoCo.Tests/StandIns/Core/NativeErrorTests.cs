using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class NativeErrorTests
{
    [Fact]
    public void A_native_error_becomes_the_real_exception_with_libtorchs_message()
    {
        using DisposeScope scope = NewDisposeScope();

        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).matmul(zeros(2, 3)));

        Assert.Contains("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message);
        Assert.DoesNotContain("Exception raised from", error.Message);
    }

    [Fact]
    public void An_error_leaves_the_next_call_unharmed()
    {
        using DisposeScope scope = NewDisposeScope();
        Assert.Throws<ExternalException>(() => zeros(2).view(3));

        Assert.Equal(2f, (ones(1) + 1).item<float>());
        CheckForErrors();
    }

    [Fact]
    public void Backward_from_a_tensor_without_a_graph_fails()
    {
        using DisposeScope scope = NewDisposeScope();

        var error = Assert.Throws<ExternalException>(() => ones(1).backward());

        Assert.Contains("does not require grad", error.Message);
    }
}
