using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Distributed;
using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Linear;

/// <summary>What the probe computes, apart from a run.</summary>
public sealed class OnlineProbeTests
{
    private const int Features = 6, Classes = 3, Batch = 8;

    [Fact]
    public void Steps_are_those_of_the_formulas_and_images_without_a_label_are_left_out()
    {
        using DisposeScope scope = NewDisposeScope();
        OnlineProbeOptions options = new() { Classes = Classes, LearningRate = 0.3, Momentum = 0.8, WeightDecay = 0.01 };
        using OnlineProbe probe = new(options, Features, CPU);
        using Encoder encoder = Flat();
        using Generator generator = new(3, CPU);
        Tensor weight = zeros(Classes, Features, ScalarType.Float64), bias = zeros(Classes, ScalarType.Float64);
        Tensor weightVelocity = zeros_like(weight), biasVelocity = zeros_like(bias);
        Tensor mean = zeros(Features, ScalarType.Float64), variance = ones(Features, ScalarType.Float64);
        for (int step = 0; step < 5; step++)
        {
            Tensor x = Views(generator).Times(3.0).Plus(1.0);
            int[] labels = [.. Enumerable.Range(0, Batch).Select(row => row % 4 == 3 ? -1 : row % 4)];
            double share = 1 - 0.2 * step;

            Tensor f = x.flatten(1).to(ScalarType.Float64), z = f.sub(f.mean([0L])).div(f.var(0, unbiased: false).Plus(1e-5).sqrt());
            long[] known = [.. Enumerable.Range(0, Batch).Where(row => labels[row] >= 0).Select(row => (long)row)];
            Tensor own = z.index_select(0, tensor(known)), logits = own.matmul(weight.t()).Plus(bias);
            Tensor truth = tensor(known.Select(row => (long)labels[row]).ToArray());
            Tensor gradient = logits.softmax(1).sub(nn.functional.one_hot(truth, Classes)).Over(known.Length); // n×C
            double told = logits.argmax(1).eq(truth).to(ScalarType.Float64).mean().item<double>();
            weightVelocity = weightVelocity.Times(0.8).Plus(gradient.t().matmul(own)).Plus(weight.Times(0.01));
            biasVelocity = biasVelocity.Times(0.8).Plus(gradient.sum(dim: 0));
            weight = weight.sub(weightVelocity.Times(0.3 * share));
            bias = bias.sub(biasVelocity.Times(0.3 * share));
            mean = mean.Times(0.9).Plus(f.mean([0L]).Times(0.1));
            variance = variance.Times(0.9).Plus(f.var(0, unbiased: true).Times(0.1));

            Assert.Equal(told, Learn(probe, encoder, x, labels, share), 1e-6);
            Dictionary<string, Tensor> state = probe.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
            Fixture.Near(mean, state["running_mean"], 1e-5, $"mean of step {step}");
            Fixture.Near(variance, state["running_var"], 1e-5, $"variance of step {step}");
            Fixture.Near(bias, state["bias"], 1e-5, $"bias of step {step}");
            Fixture.Near(biasVelocity, state["velocity.bias"], 1e-5, $"bias velocity of step {step}");
            Fixture.Near(weightVelocity, state["velocity.weight"], 1e-5, $"weight velocity of step {step}");
            Fixture.Near(weight, state["weight"], 1e-5, $"weight of step {step}");
        }
    }

    [Fact]
    public void It_learns_to_tell_classes_apart_and_is_tested_on_others()
    {
        using DisposeScope scope = NewDisposeScope();
        using OnlineProbe probe = new(new OnlineProbeOptions { Classes = Classes }, Features, CPU);
        using Encoder encoder = Flat();
        using Generator generator = new(5, CPU);
        int[] labels = [.. Enumerable.Range(0, Batch).Select(row => row % Classes)];
        double first = Learn(probe, encoder, OfClasses(), labels), last = 0;
        for (int step = 0; step < 40; step++) last = Learn(probe, encoder, OfClasses(), labels);
        Assert.True(first < 0.5 && last == 1, $"{first} → {last}");

        using FeatureSet test = new(OfClasses().flatten(1), [.. labels[..^2], -1, -1]);
        Assert.Equal(new Accuracy(Batch - 2, Batch - 2, Batch - 2), probe.Test(test));
        Dictionary<string, Tensor> state = probe.State.ToDictionary(entry => entry.Name, entry => entry.Tensor.clone());
        probe.Test(test);
        foreach ((string name, Tensor tensor) in probe.State) Fixture.Near(state[name], tensor, 0, name);

        // Lengths of features that differ by a thousand are the same to it.
        Tensor OfClasses() => Views(generator).Times(0.2)
            .Plus(eye(Classes, 2 * Classes).index_select(0, tensor(labels.Select(label => (long)label).ToArray())).view(-1, 1, 2, 3))
            .Times(1000.0);
    }

    [Fact]
    public void What_it_cannot_be_tested_with_is_refused()
    {
        using DisposeScope scope = NewDisposeScope();
        using OnlineProbe probe = new(new OnlineProbeOptions { Classes = Classes }, Features, CPU);
        using FeatureSet bare = new(zeros(2, Features), null), other = new(zeros(2, Features), [0, 7]), wide = new(zeros(2, 9), [0, 1]);
        Assert.StartsWith("The features have no labels", Refusal(bare));
        Assert.StartsWith("A label is 7; expected 0 to 2, the classes of the online probe, or -1 where there is none.", Refusal(other));
        Assert.StartsWith("The features have 9 dimensions; expected 6", Refusal(wide));

        string Refusal(FeatureSet set) => Assert.Throws<ArgumentException>(() => probe.Test(set)).Message;
    }

    [Fact]
    public void A_batch_of_unknown_images_has_no_accuracy()
    {
        using DisposeScope scope = NewDisposeScope();
        using OnlineProbe probe = new(new OnlineProbeOptions { Classes = Classes }, Features, CPU);
        using Encoder encoder = Flat();
        using Generator generator = new(3, CPU);
        Assert.Equal(double.NaN, Learn(probe, encoder, Views(generator), [.. Enumerable.Repeat(-1, Batch)]));
        Dictionary<string, Tensor> state = probe.State.ToDictionary(entry => entry.Name, entry => entry.Tensor);
        Fixture.Near(zeros(Classes, Features), state["weight"], 0, "weight");
    }

    [Fact]
    public void Options_with_errors_are_refused_by_name()
    {
        OnlineProbeOptions wrong = new() { Classes = 1, LearningRate = 0, Momentum = 1, WeightDecay = -1, FeatureDimension = 0 };
        string error = Assert.Throws<ArgumentException>(() => (MoCoOptions.V2 with { Probe = wrong }).Validate()).Message;
        Assert.Equal("The options have errors: Probe.Classes is 1; expected 2 or more. Probe.LearningRate is 0; expected above 0. "
            + "Probe.Momentum is 1; expected 0 to below 1. Probe.WeightDecay is -1; expected 0 or more. "
            + "Probe.FeatureDimension is 0; expected 1 or more, or null: as the query encoder says.", error);
    }

    [Fact]
    public void An_encoder_that_does_not_tell_its_features_length_has_to_be_helped()
    {
        MoCoOptions options = TrainerFixture.Options with { Probe = new() { Classes = Classes } };
        string error = Assert.Throws<ArgumentException>(() => new MoCoTrainer(Method(), options)).Message;
        Assert.StartsWith("Probe.FeatureDimension is null; expected the length of the backbone's features", error);
        using MoCoTrainer trainer = new(Method(), options with { Probe = options.Probe with { FeatureDimension = Features } });
        Tensor weight = trainer.Probe!.State.Single(entry => entry.Name == "weight").Tensor;
        Assert.Equal([Classes, Features], weight.shape);

        static MomentumContrast Method()
        {
            Encoder query = new(nn.Flatten(), nn.Linear(Features, 4)), key = new(nn.Flatten(), nn.Linear(Features, 4));
            return new MomentumContrast(query, key, new KeyQueue(4, 16));
        }
    }

    private static Encoder Flat() => new(nn.Flatten(), nn.Flatten());

    private static Tensor Views(Generator generator) => randn(Batch, 1, 2, 3, generator: generator);

    private static double Learn(OnlineProbe probe, Encoder encoder, Tensor views, int[] labels, double share = 1)
    {
        probe.Begin(encoder, new StepInput(views, views.clone(), 0) { Labels = labels });
        encoder.call(views);
        return probe.Learn(share, ProcessGroup.Single).item<float>();
    }
}
