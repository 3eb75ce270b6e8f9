using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class MomentumUpdateTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    [InlineData(1)]
    public void Moves_every_parameter_towards_the_querys_and_no_buffer(double momentum)
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder query = Small(1), key = Small(2);
        query.call(rand(4, 1, 16, 16)).Dispose(); // moves the query's BatchNorm statistics
        Dictionary<string, Tensor> before = key.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using MomentumUpdate update = new(query, key, momentum);
        update.Update();
        Check(query, key, before, momentum);
    }

    [Fact]
    public void Flat_parameters_move_as_single_ones_do()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder query = Small(1), key = Small(2);
        Dictionary<string, Tensor> before = key.state_dict().ToDictionary(e => e.Key, e => e.Value.clone());
        using FlatParameters flatQuery = new(query), flatKey = new(key);
        using MomentumUpdate update = new(flatQuery, flatKey, 0.99);
        update.Update();
        Check(query, key, before, 0.99);
    }

    [Fact]
    public void Refuses_modules_of_other_shapes_and_parameters_that_were_replaced()
    {
        using Encoder small = Small(1), other = Encoder.Create(Options with { Width = 0.25 });
        Assert.Contains("expected backbone.", Assert.Throws<ArgumentException>(() => new MomentumUpdate(small, other, 0.9))
            .Message, StringComparison.Ordinal);
        Assert.Contains("expected 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => new MomentumUpdate(small, small, 1.5))
            .Message, StringComparison.Ordinal);

        using Encoder moved = Small(2);
        using FlatParameters flatSmall = new(small), flatMoved = new(moved);
        using MomentumUpdate update = new(flatSmall, flatMoved, 0.9);
        moved.to(ScalarType.Float64);
        Assert.Contains("flatten them again", Assert.Throws<InvalidOperationException>(update.Update).Message, StringComparison.Ordinal);
    }

    private static void Check(Encoder query, Encoder key, Dictionary<string, Tensor> before, double momentum)
    {
        HashSet<string> parameters = [.. key.named_parameters().Select(p => p.name)];
        Dictionary<string, Tensor> after = key.state_dict(), from = query.state_dict();
        foreach ((string name, Tensor old) in before)
        {
            Tensor expected = parameters.Contains(name) ? old.Times(momentum).Plus(from[name].Times(1 - momentum)) : old;
            Fixture.Near(expected, after[name], 1e-6, name);
        }
    }

    private static EncoderOptions Options
        => new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, InputChannels = 1, Width = 0.125, EmbeddingDimension = 8 };

    private static Encoder Small(int seed) => Encoder.Create(Options, seed: seed);
}
