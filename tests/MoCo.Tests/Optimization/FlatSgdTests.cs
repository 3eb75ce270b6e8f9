using MoCo.Encoders;
using MoCo.Optimization;
using MoCo.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Optimization;

public sealed class FlatSgdTests
{
    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(0.9, 0, false)]
    [InlineData(0.9, 1e-2, false)]
    [InlineData(0.9, 1e-2, true)]
    public void Moves_as_torchs_SGD(double momentum, double decay, bool nesterov)
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder ours = Small(), theirs = Small();
        using FlatParameters flat = new(ours, withGradients: true);
        using FlatSgd optimizer = new(flat, new OptimizationOptions { Momentum = momentum, WeightDecay = decay, Nesterov = nesterov });
        using CollectionPause collections = new();
        collections.Renew();
#pragma warning disable RS0030 // TorchSharp's optimizer is the peer here, and no collection comes between.
        using SGD peer = optim.SGD(theirs.parameters(), 0.1, momentum, weight_decay: decay, nesterov: nesterov);
        for (int step = 0; step < 4; step++)
        {
            double rate = 0.1 / (step + 1);
            peer.ParamGroups.Single().LearningRate = rate;
            // Gradients are drawn, not computed: BatchNorm over few values would blow the last bit's noise up.
            foreach (FlatParameter entry in flat.Entries)
            {
                Tensor gradient = randn_like(entry.Parameter);
                theirs.get_parameter(entry.Name)!.grad = gradient;
                entry.View(flat.Gradients!).copy_(gradient);
            }
            peer.step();
#pragma warning restore RS0030
            optimizer.Step(rate);
            Assert.Equal(0, flat.Gradients!.abs().max().item<float>());
        }
        foreach ((string name, Parameter parameter) in theirs.named_parameters())
            Fixture.Near(parameter, ours.get_parameter(name)!, 1e-6, name);
    }

    [Fact]
    public void Can_leave_BatchNorm_and_biases_out_of_the_decay()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder encoder = Small();
        using FlatParameters flat = new(encoder, withGradients: true);
        Dictionary<string, Tensor> before = encoder.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone());
        using FlatSgd optimizer = new(flat, new OptimizationOptions { WeightDecay = 0.5, DecayAll = false });
        optimizer.Step(0.1); // no gradient: only the decay moves anything
        foreach ((string name, Tensor old) in before)
            Fixture.Near(old.dim() > 1 ? old.Times(0.95) : old, encoder.get_parameter(name)!, 1e-6, name);
    }

    [Fact]
    public void Gradients_that_zero_grad_took_away_are_noticed()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder encoder = Small();
        using FlatParameters flat = new(encoder, withGradients: true);
        using FlatSgd optimizer = new(flat);
        encoder.call(rand(4, 1, 16, 16)).sum().backward();
        optimizer.Step(0.1);
        encoder.zero_grad();
        encoder.call(rand(4, 1, 16, 16)).sum().backward();
        Assert.Contains("by zero_grad(), say", Assert.Throws<InvalidOperationException>(() => optimizer.Step(0.1))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_taken_from_a_module_of_one_parameter_or_from_one_layer_are_noticed()
    {
        using DisposeScope scope = NewDisposeScope();
        using Linear one = nn.Linear(3, 2, hasBias: false);
        using FlatParameters flatOne = new(one, withGradients: true);
        using FlatSgd optimizerOfOne = new(flatOne);
        one.zero_grad();
        one.call(rand(4, 3)).sum().backward();
        Assert.StartsWith("The gradient of weight was replaced",
            Assert.Throws<InvalidOperationException>(() => optimizerOfOne.Step(0.1)).Message, StringComparison.Ordinal);

        using Encoder encoder = Small();
        using FlatParameters flat = new(encoder, withGradients: true);
        using FlatSgd optimizer = new(flat);
        encoder.Backbone.named_children().First().module.zero_grad();
        encoder.call(rand(4, 1, 16, 16)).sum().backward();
        Assert.StartsWith("The gradient of backbone.conv1.weight was replaced",
            Assert.Throws<InvalidOperationException>(() => optimizer.Step(0.1)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_arguments_are_named()
    {
        using Encoder encoder = Small();
        using FlatParameters without = new(encoder), with = new(encoder, withGradients: true);
        Assert.Contains("withGradients: true", Assert.Throws<ArgumentException>(() => new FlatSgd(without))
            .Message, StringComparison.Ordinal);
        OptimizationOptions wrong = new() { Momentum = 1, WeightDecay = -1 };
        Assert.Equal("OptimizationOptions: Momentum is 1; expected 0 to below 1. WeightDecay is -1; expected 0 or more.",
            Assert.Throws<ArgumentException>(() => new FlatSgd(with, wrong)).Message);
        using FlatSgd optimizer = new(with);
        Assert.Equal("learningRate", Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Step(double.NaN)).ParamName);
    }

    internal static Encoder Small()
        => Encoder.Create(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.125,
                EmbeddingDimension = 8
            });
}
