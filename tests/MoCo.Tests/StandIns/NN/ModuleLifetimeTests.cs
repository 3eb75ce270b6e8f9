using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class ModuleLifetimeTests
{
    [Fact]
    public void Disposing_frees_parameters_and_buffers_but_not_the_non_persistent_ones()
    {
        long before = LiveTensors.Settled();
        var network = new ModuleRegistrationTests.Network();
        using var scratch = network.get_buffer("scratch");
        network.Dispose();
        Assert.False(scratch!.IsInvalid);
        Assert.Equal(before + 1, Tensor.TotalCount);
    }

    [Fact]
    public void Conversion_leaks_nothing()
    {
        using var network = new ModuleRegistrationTests.Network();
        network.@double();
        long before = LiveTensors.Settled();
        for (int i = 0; i < 20; i++)
            network.@float().@double();
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Sequential_disposes_what_lies_between_and_leaves_its_input()
    {
        using var sequential = nn.Sequential(nn.Linear(3, 4), nn.ReLU(inplace: true), nn.Linear(4, 2));
        using var x = randn(5, 3);
        using (no_grad())
        {
            long before = LiveTensors.Settled();
            using var y = sequential.call(x);
            Assert.Equal(before + 1, Tensor.TotalCount);
        }
        Assert.False(x.IsInvalid);
    }

    [Fact]
    public void The_same_seed_gives_the_same_layer()
    {
        manual_seed(3);
        using var first = nn.Linear(5, 4);
        manual_seed(3);
        using var second = nn.Linear(5, 4);
        Assert.True(first.weight.allclose(second.weight, 0, 0) && first.bias!.allclose(second.bias!, 0, 0));
    }
}
