using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.NN;

public class ModuleConversionTests
{
    [Fact]
    public void Converting_replaces_parameters_and_keeps_names_and_values()
    {
        using var network = new ModuleRegistrationTests.Network();
        var names = network.state_dict().Keys.ToList();
        var before = network.state_dict().ToDictionary(entry => entry.Key, entry => (tensor: entry.Value, copy: entry.Value.detach().clone()));

        ModuleRegistrationTests.Network same = network.to(ScalarType.Float64);

        Assert.Same(network, same);
        Assert.Equal(names, network.state_dict().Keys);
        foreach (var (key, tensor) in network.state_dict())
        {
            bool counter = key.EndsWith("num_batches_tracked", StringComparison.Ordinal);
            Assert.Equal(counter ? ScalarType.Int64 : ScalarType.Float64, tensor.dtype);
            Assert.NotSame(before[key].tensor, tensor);
            Assert.True(before[key].tensor.IsInvalid, key);
            using var copy = before[key].copy.to(tensor.dtype);
            Assert.True(copy.allclose(tensor), key);
            before[key].copy.Dispose();
        }
        using var x = randn(2, 1, 5, 5, float64);
        using var y = network.call(x);
        Assert.Equal(ScalarType.Float64, y.dtype);
    }

    [Fact]
    public void A_conversion_to_what_it_is_already_changes_nothing()
    {
        using var network = new ModuleRegistrationTests.Network();
        var before = network.state_dict();
        network.cpu().to(CPU).to("cpu").to(DeviceType.CPU);
        Assert.All(network.state_dict(), entry => Assert.Same(before[entry.Key], entry.Value));

        // an integer buffer gets a new handle whenever a type is named, as in the real package
        network.to(ScalarType.Float32).to(CPU, ScalarType.Float32).@float();
        Assert.All(network.named_parameters(), named => Assert.Same(before[named.name], named.parameter));
        Assert.Same(before["queue"], network.get_buffer("queue"));
    }

    [Fact]
    public void Gradients_and_their_need_move_along()
    {
        using var linear = nn.Linear(2, 2);
        linear.bias!.requires_grad = false;
        using (var loss = linear.weight.sum())
            loss.backward();
        linear.@double();
        Assert.True(linear.weight.requires_grad);
        Assert.True(linear.weight.is_leaf);
        Assert.False(linear.bias.requires_grad);
        using var grad = linear.weight.grad;
        using var ones = torch.ones(2, 2, float64);
        Assert.True(grad!.allclose(ones));
    }

    [Fact]
    public void Half_precision_and_back_is_possible_and_integers_are_refused()
    {
        using var linear = nn.Linear(2, 2);
        Assert.Equal(ScalarType.BFloat16, linear.bfloat16().weight.dtype);
        Assert.Equal(ScalarType.Float16, linear.half().weight.dtype);
        Assert.Equal(ScalarType.Float32, linear.@float().weight.dtype);
        using var network = new ModuleRegistrationTests.Network();
        Assert.Throws<ArgumentException>(() => network.to(ScalarType.Int64));
    }

    [Fact]
    public void Layers_survive_the_scope_in_which_they_were_built_and_converted()
    {
        ModuleRegistrationTests.Network network;
        using (NewDisposeScope())
        {
            using var layer = nn.Linear(2, 2);
            network = new ModuleRegistrationTests.Network();
            network.to(ScalarType.Float64);
        }
        Assert.False(network.get_parameter("blocks.0.weight")!.IsInvalid);
        Assert.False(network.get_buffer("blocks.second.running_mean")!.IsInvalid);
        network.Dispose();
    }
}
