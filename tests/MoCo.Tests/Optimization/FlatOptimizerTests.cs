using System.Text.Json;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

public sealed class FlatOptimizerTests
{
    /// <summary>What make_optimizers.py trained with.</summary>
    private static readonly Dictionary<string, OptimizationOptions> Fixtures = new()
    {
        ["sgd"] = new() { WeightDecay = 0.1 },
        ["nesterov"] = new() { WeightDecay = 0.1, Nesterov = true, DecayAll = false },
        ["adamw"] = new() { Kind = OptimizerKind.AdamW, WeightDecay = 0.1, SecondMomentum = 0.95, Epsilon = 1e-6 },
        ["adamw_weights_only"] = new() { Kind = OptimizerKind.AdamW, WeightDecay = 0.1, DecayAll = false },
        ["lars"] = new() { Kind = OptimizerKind.Lars, WeightDecay = 0.1, TrustCoefficient = 0.01 },
    };

    public static TheoryData<string> Names => [.. Fixtures.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Ten_steps_are_PyTorchs_or_the_published_formulas_frozen_parameters_staying(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement fixture = Fixture.Read("optimizers", name + ".json");
        using Named module = new(fixture.GetProperty("begin"));
        using FlatParameters flat = new(module, withGradients: true);
        using FlatOptimizer optimizer = FlatOptimizer.Of(flat, Fixtures[name]);
        foreach (JsonElement step in fixture.GetProperty("steps").EnumerateArray())
        {
            HashSet<string?> frozen = [.. step.GetProperty("frozen").EnumerateArray().Select(entry => entry.GetString())];
            foreach (FlatParameter entry in flat.Entries)
            {
                entry.Parameter.requires_grad_(!frozen.Contains(entry.Name));
                Tensor gradient = Fixture.Tensor(step.GetProperty("gradients").GetProperty(entry.Name));
                if (!frozen.Contains(entry.Name)) entry.View(flat.Gradients!).copy_(gradient);
            }
            optimizer.Step(step.GetProperty("rate").GetDouble());
            Assert.Equal(0, flat.Gradients!.abs().max().item<float>());
            if (step.GetProperty("after") is not { ValueKind: JsonValueKind.Object } after) continue;
            foreach (FlatParameter entry in flat.Entries)
                Fixture.Near(Fixture.Tensor(after.GetProperty(entry.Name)), entry.Parameter, 1e-6, entry.Name);
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Sgd, false)]
    [InlineData(OptimizerKind.Sgd, true)]
    [InlineData(OptimizerKind.Lars, true)]
    [InlineData(OptimizerKind.AdamW, false)]
    [InlineData(OptimizerKind.AdamW, true)]
    public void Frozen_parameters_stay_as_they_are_and_thawed_ones_learn(OptimizerKind kind, bool decayAll)
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder encoder = FlatSgdTests.Small();
        using FlatParameters flat = new(encoder, withGradients: true);
        using FlatOptimizer optimizer = FlatOptimizer.Of(flat, new() { Kind = kind, WeightDecay = 0.5, DecayAll = decayAll });
        FlatParameter[] frozen = [flat.Entries[0], flat.Entries[3], flat.Entries[4], flat.Entries[^1]];
        Move();
        Dictionary<string, Tensor> state = optimizer.State.ToDictionary(entry => entry.Name, entry => entry.Tensor.clone());
        foreach (FlatParameter entry in frozen) entry.Parameter.requires_grad_(false);
        Dictionary<string, Tensor> before = flat.Entries.ToDictionary(e => e.Name, e => e.Parameter.detach().clone());
        Move();
        Assert.All(flat.Entries, entry =>
            Assert.Equal(frozen.Contains(entry), Same(entry.Parameter.detach(), before[entry.Name])));
        foreach ((string name, Tensor now) in optimizer.State)
            if (frozen.Any(entry => name.EndsWith($".{entry.Name}", StringComparison.Ordinal))) Fixture.Near(state[name], now, 0, name);
        foreach (FlatParameter entry in frozen) entry.Parameter.requires_grad_(true);
        Move();
        Assert.All(frozen, entry => Assert.False(Same(entry.Parameter.detach(), before[entry.Name])));

        void Move()
        {
            using (DisposeScope pass = NewDisposeScope()) encoder.call(rand(4, 1, 16, 16)).Squared().sum().backward();
            optimizer.Step(0.1);
        }

        static bool Same(Tensor a, Tensor b) => (a - b).abs().max().item<float>() == 0;
    }

    [Fact]
    public void Weight_decay_may_be_another_at_each_step()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder encoder = FlatSgdTests.Small();
        using FlatParameters flat = new(encoder, withGradients: true);
        Tensor before = flat.Values.clone();
        using FlatSgd optimizer = new(flat, new() { Momentum = 0, WeightDecay = 0 });
        optimizer.Step(0.1, 0.5); // no gradient: only the decay moves anything
        Fixture.Near(before.Times(0.95), flat.Values, 1e-6, "decayed");
    }

    [Theory]
    [InlineData(null, 13)]
    [InlineData(1.0, 1)]
    [InlineData(20.0, 13)]
    public void Gradients_are_scaled_down_to_a_norm_and_their_own_norm_is_told(double? most, double left)
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear module = nn.Linear(2, 3);
        using FlatParameters flat = new(module, withGradients: true);
        using FlatSgd optimizer = new(flat, new() { ClipNorm = most });
        module.weight!.grad!.Fill(5 / Math.Sqrt(6));
        module.bias!.grad!.Fill(12 / Math.Sqrt(3));
        Assert.Equal(13, optimizer.ClipGradients().item<float>(), 1e-4);
        Assert.Equal(left, flat.Gradients!.Squared().sum().sqrt().item<float>(), 1e-4);
        Assert.Equal(left * 5 / 13 / Math.Sqrt(6), module.weight!.grad![0][0].item<float>(), 1e-4);
    }

    [Fact]
    public void Wrong_options_of_the_other_optimizers_are_named()
    {
        OptimizationOptions wrong
            = new() { Kind = OptimizerKind.AdamW, Nesterov = true, SecondMomentum = 1, Epsilon = 0, TrustCoefficient = -1 };
        Assert.EndsWith(
            "Optimizer.SecondMomentum is 1; expected 0 to below 1. Optimizer.Epsilon is 0; expected above 0. Optimizer.TrustCoefficient "
            + "is -1; expected above 0. Optimizer.Nesterov is true; expected false with Kind AdamW.",
            Assert.Throws<ArgumentException>(new MoCoOptions { Optimizer = wrong }.Validate).Message, StringComparison.Ordinal);
    }

    /// <summary>Parameters by their names.</summary>
    private sealed class Named : nn.Module
    {
        public Named(JsonElement values)
            : base(nameof(Named))
        {
            foreach (IGrouping<string, JsonProperty> layer in values.EnumerateObject().GroupBy(value => value.Name.Split('.')[0]))
                register_module(layer.Key, new Layer(layer));
        }

        private sealed class Layer : nn.Module
        {
            public Layer(IEnumerable<JsonProperty> values)
                : base(nameof(Layer))
            {
                foreach (JsonProperty value in values)
                    register_parameter(value.Name.Split('.')[1], new Parameter(
                        Fixture.Tensor(value.Value, ScalarType.Float32).DetachFromDisposeScope()));
            }
        }
    }
}
