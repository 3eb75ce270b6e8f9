using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.StandIns.Core;

public sealed class RandomTests
{
    [Fact]
    public void One_seed_gives_one_sequence()
    {
        using DisposeScope scope = NewDisposeScope();
        using var first = new Generator(7);
        using var second = new Generator();
        second.manual_seed(7);

        Assert.True(randn(16, generator: first).Equals(randn(16, generator: second)));
        Assert.True(randperm(16, generator: first).Equals(randperm(16, generator: second)));
        Assert.Equal(7, first.initial_seed());
    }

    [Fact]
    public void A_generators_state_brings_its_sequence_back()
    {
        using DisposeScope scope = NewDisposeScope();
        using var generator = new Generator(1);
        Tensor state = generator.get_state();
        Tensor once = rand(8, generator: generator);

        generator.set_state(state);

        Assert.True(once.Equals(rand(8, generator: generator)));
    }

    [Fact]
    public void The_default_generators_state_and_seed_bring_its_sequence_back()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator seeded = manual_seed(5);
        Tensor state = torch.random.get_rng_state();
        Tensor once = rand(8);
        torch.random.set_rng_state(state);
        Tensor again = rand(8);
        using Generator reseeded = manual_seed(5);

        Assert.True(once.Equals(again));
        Assert.True(once.Equals(rand(8)));
        Assert.False(once.Equals(rand(8)));
    }
}
