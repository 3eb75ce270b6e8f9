using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Linear;
using MoCo.Loading;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.Linear;

public sealed class EndToEndProbeTests
{
    private static readonly LinearProbeOptions Short = LinearProbeOptions.Official with { Epochs = 4, LearningRates = [0.1] };

    [Fact]
    public void It_equals_the_same_steps_on_features_taken_beforehand()
    {
        LabelledNoise data = new(50, classes: 4, batch: 16);
        using LabelledNoise.Network network = new(1);

        ProbeResult result = LinearProbe.Train(network, data.Batches(), Short);

        network.eval();
        using LinearRates bank = new(8 * 36, 4, Short, [0.1]);
        for (int epoch = 0; epoch < 4; epoch++)
        {
            foreach ((Tensor Views, ReadOnlyMemory<int> Labels) batch in data.Make(10 + epoch))
            {
                using Tensor features = network.call(batch.Views);
                using Tensor constant = features.detach();
                bank.Step(constant, batch.Labels.Span, new[] { 1, 1, 1, 0.1 }[epoch]);
            }
        }
        Assert.Equal([0, 1, 2, 3], data.Epochs);
        Assert.Equal(bank.Classifier(0).Weight, result.Weight.ToArray());
        Assert.Equal(50, result.Test.Total);
        Assert.InRange(result.Test.Top1, 0.8, 1);
    }

    [Fact]
    public void Images_without_a_label_are_left_out_of_the_loaders_batches()
    {
        using TemporaryFolder folder = new();
        string path = ShardFile.Write(
            folder, "a.tar", ("1.jpg", "one"), ("1.cls", "1"), ("2.jpg", "two"), ("3.jpg", "tre"), ("3.cls", "0"), ("4.jpg", "for"));
        TarShards shards = new(path, ByteDecoder.Options);
        LoaderOptions options = new() { BatchSize = 2, Shuffle = false };
        using SingleViewLoader training = new(shards, AugmentationRecipe.Evaluation(8), options with { BatchSize = 3 });
        using SingleViewLoader test = new(shards, AugmentationRecipe.Evaluation(8), options);
        LabelledBatches batches = LabelledBatches.Of(training, test);

        List<(long Views, int[] Labels)> found = [];
        foreach ((Tensor views, ReadOnlyMemory<int> labels) in batches.Training(0).Concat(batches.Test()))
            found.Add((views.shape[0], labels.ToArray()));

        // Three with one missing, and one without any; then two of two, and two with one each.
        Assert.Equal([(2L, "1 0"), (1L, "1"), (1L, "0")], found.Select(batch => (batch.Views, string.Join(' ', batch.Labels))));
    }

    [Fact]
    public void Held_out_batches_choose_among_several_rates()
    {
        LabelledNoise data = new(60, classes: 4, batch: 16);
        using LabelledNoise.Network network = new(1);

        ProbeResult result = LinearProbe.Train(network, data.Batches(heldOut: true), Short with { LearningRates = [1e-6, 0.1] });

        Assert.Equal(2, result.LearningRates.Count);
        Assert.All(result.LearningRates, score => Assert.Equal(60, score.HeldOut.Total));
        Assert.Equal(0.1, result.LearningRate);
        Assert.Equal(LinearProbe.Train(network, data.Batches(), Short).Test, result.Test);
    }

    [Fact]
    public void The_encoder_its_mode_and_the_random_numbers_are_what_they_were()
    {
        LabelledNoise data = new(20, classes: 2, batch: 8);
        using LabelledNoise.Network network = new(1);
        network.train();
        WeightFingerprint fingerprint = new(network);
        byte[] random = RandomBytes();
        long before = LiveTensors.Settled();

        LinearProbe.Train(network, data.Batches(), Short);

        Assert.Equal(before, LiveTensors.Settled());
        Assert.Empty(fingerprint.Changes());
        Assert.All(network.modules(), module => Assert.True(module.training));
        Assert.Equal(random, RandomBytes());
    }

    [Fact]
    public void Loaders_give_the_batches_and_every_one_is_freed()
    {
        using LabelledNoise.Network network = new(1);
        long before = LiveTensors.Settled();

        ProbeResult result = Probe();

        Assert.Equal(before, LiveTensors.Settled());
        Assert.Equal(3, result.Bias.Length);
        Assert.InRange(result.Test.Total, 16, 30);

        ProbeResult Probe()
        {
            TrainerFixture.NoiseImages source = new(30);
            using SingleViewLoader training = new(
                source, AugmentationRecipe.Evaluation(8), new LoaderOptions { BatchSize = 8, Workers = 1 });
            using SingleViewLoader test = new(
                source, AugmentationRecipe.Evaluation(8), new LoaderOptions { BatchSize = 16, Workers = 1 });
            return LinearProbe.Train(network, LabelledBatches.Of(training, test), Short);
        }
    }

    [Fact]
    public void An_encoder_that_changes_meanwhile_is_caught()
    {
        LabelledNoise data = new(20, classes: 2, batch: 8);
        using LabelledNoise.Network network = new(1) { Drifts = true };

        InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => LinearProbe.Train(network, data.Batches(), Short));

        Assert.Contains("network must not change, but 1 of its 7 parameters and buffers did: conv.weight",
            error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Errors_are_named()
    {
        LabelledNoise data = new(20, classes: 2, batch: 8);
        using LabelledNoise.Network network = new(1);
        using Tensor views = ones(3, 1, 8, 8);
        LabelledBatches good = data.Batches();

        Refused("HeldOut is null; expected batches to choose among 2 learning rates, or one rate.", good,
            Short with { LearningRates = [1, 2] });
        Refused("Training has no batches", good with { Training = _ => [] }, Short);
        Refused("Test, batch 0: found 2 labels for views 3×1×8×8", good with { Test = () => [(views, new int[2])] }, Short);
        Refused("Training, batch 0: a label is 2; expected 0 to 1.", good with { Training = _ => [(views, new[] { 0, 1, 2 })] }, Short);
        Refused("LabelledBatches: Classes is 0; expected 1 or more. Training is null; expected batches for each epoch.",
            new() { Classes = 0, Training = null!, Test = good.Test }, Short);
        using (Tensor broken = Filled(double.NaN, 3, 1, 8, 8))
            Refused("The encoder's features are not finite", good with { Training = _ => [(broken, new int[3])] }, Short);
        using (Identity identity = nn.Identity())
            Assert.Contains("gives 8×D for 8 views, found 8×1×8×8",
                Assert.Throws<ArgumentException>(() => LinearProbe.Train(identity, good, Short)).Message, StringComparison.Ordinal);

        void Refused(string because, LabelledBatches images, LinearProbeOptions options) =>
            Assert.Contains(because, Assert.Throws<ArgumentException>(() => LinearProbe.Train(network, images, options))
                .Message, StringComparison.Ordinal);
    }
}
