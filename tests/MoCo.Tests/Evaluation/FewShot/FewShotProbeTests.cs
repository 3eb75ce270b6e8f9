using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FewShot;
using MoCo.Evaluation.Linear;
using MoCo.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Evaluation.FewShot;

public sealed class FewShotProbeTests
{
    private static readonly FewShotOptions Short = new() { Epochs = 5, EncoderLearningRate = 0.05, HeadLearningRate = 0.1 };

    [Fact]
    public void Fine_tuning_equals_torch_s_SGD_with_two_parameter_groups()
    {
        LabelledNoise data = new(32, classes: 3, batch: 8);
        using LabelledNoise.Network encoder = new(1);
        using LabelledNoise.Network copy = new(2);

        ProbeResult result = FewShotProbe.FineTune(encoder, copy, data.Batches(), Short with { WeightDeviation = 0 });

        using LabelledNoise.Network reference = new(1);
        using TorchSharp.Modules.Linear head = nn.Linear(8 * 36, 3);
        nn.init.zeros_(head.weight);
        nn.init.zeros_(head.bias);
        using CollectionPause collections = new();
        collections.Renew();
#pragma warning disable RS0030 // TorchSharp's optimizer is the peer here, and no collection comes between.
        using SGD encoderSgd = optim.SGD(reference.parameters(), 0.05, momentum: 0.9);
        using SGD headSgd = optim.SGD(head.parameters(), 0.1, momentum: 0.9);
        for (int epoch = 0; epoch < 5; epoch++)
        {
            double factor = new[] { 1, 1, 1, 0.2, 0.04 }[epoch];
            (encoderSgd.ParamGroups.First().LearningRate, headSgd.ParamGroups.First().LearningRate) = (0.05 * factor, 0.1 * factor);
            foreach ((Tensor Views, ReadOnlyMemory<int> Labels) batch in data.Make(10 + epoch))
            {
                using DisposeScope scope = NewDisposeScope();
                encoderSgd.zero_grad();
                headSgd.zero_grad();
                nn.functional.cross_entropy(head.call(reference.call(batch.Views)), tensor(batch.Labels.ToArray(), dtype: ScalarType.Int64))
                    .backward();
                encoderSgd.step();
                headSgd.step();
#pragma warning restore RS0030
            }
        }
        foreach ((string? name, Tensor? expected) in reference.state_dict().Where(entry => entry.Value.is_floating_point()))
            Fixture.Near(expected, copy.state_dict()[name], 1e-5, name);
        using Tensor weight = tensor(result.Weight.ToArray()).view(3, 8 * 36);
        Fixture.Near(head.weight!, weight, 1e-5, "head");
    }

    [Fact]
    public void The_encoder_and_the_random_numbers_stay_and_the_copy_learns()
    {
        LabelledNoise data = new(40, classes: 4, batch: 8, spread: 1);
        using LabelledNoise.Network encoder = new(1);
        using LabelledNoise.Network copy = new(2);
        WeightFingerprint fingerprint = new(encoder);
        byte[] random = RandomBytes();
        List<ProbeProgress> reports = [];

        ProbeResult result = FewShotProbe.FineTune(encoder, copy, data.Batches(), Short, new Reports(reports));

        Assert.Empty(fingerprint.Changes());
        Assert.Equal(random, RandomBytes());
        Assert.InRange(result.Test.Top1, 0.7, 1);
        Assert.Equal(40, result.Test.Total);
        Assert.Equal(result.Test.Correct, Enumerable.Range(0, 4).Sum(label => result.Confusion[label, label]));
        Assert.Equal([1, 2, 3, 4, 5], reports.Select(report => report.Epoch));
        Assert.True(result.Loss < reports[0].Loss);
        Assert.False(copy.training);
    }

    [Fact]
    public void A_ResNet_is_copied_by_itself_and_nothing_is_left_behind()
    {
        using ResNet resnet = new(
            new EncoderOptions
            {
                Backbone = Backbone.ResNet18,
                Stem = Stem.SmallImageStride2,
                InputChannels = 1,
                Width = 0.125,
                BatchNormSplits = 1
            });
        LabelledNoise data = new(16, classes: 2, batch: 8);
        WeightFingerprint fingerprint = new(resnet);
        FewShotProbe.FineTune(resnet, data.Batches(), Short with { Epochs = 1 });
        long before = LiveTensors.Settled();

        ProbeResult result = FewShotProbe.FineTune(resnet, data.Batches(), Short with { Epochs = 2 });

        Assert.Equal(before + LiveTensors.TakenOver(resnet) + 2, LiveTensors.Settled()); // the copy, and the head's weight and bias
        Assert.Empty(fingerprint.Changes());
        Assert.Equal(16, result.Test.Total);
    }

    [Fact]
    public void The_published_rates_are_the_presets()
    {
        Assert.Equal((0.02, 5.0), (FewShotOptions.OnePercent.EncoderLearningRate, FewShotOptions.OnePercent.HeadLearningRate));
        Assert.Equal((0.01, 0.2), (FewShotOptions.TenPercent.EncoderLearningRate, FewShotOptions.TenPercent.HeadLearningRate));
        Assert.Equal([1, 1, 0.2, 0.04], new[] { 0, 11, 12, 16 }.Select(epoch => FewShotOptions.TenPercent.Factor(epoch, 0)));
    }

    [Fact]
    public void Errors_are_named()
    {
        LabelledNoise data = new(16, classes: 2, batch: 8);
        using LabelledNoise.Network encoder = new(1);
        using LabelledNoise.Network copy = new(1);
        using TorchSharp.Modules.Linear other = nn.Linear(3, 2);

        Refused("The copy is the encoder itself", () => FewShotProbe.FineTune(encoder, encoder, data.Batches(), Short));
        Refused("of another architecture", () => FewShotProbe.FineTune(encoder, other, data.Batches(), Short));
        Refused(
            "FewShotOptions: EncoderLearningRate is -1; expected 0 or more. HeadLearningRate is 0; expected above 0. Epochs is 0; "
            + "expected 1 or more.",
            () => FewShotProbe.FineTune(
            encoder, copy, data.Batches(), new() { EncoderLearningRate = -1, HeadLearningRate = 0, Epochs = 0 }));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => FewShotProbe.FineTune(encoder, copy, data.Batches(), Short with { HeadLearningRate = 1e38 }));
        Assert.Contains("Fine-tuning diverged in epoch 1; expected lower learning rates than 0.05 (encoder) and 1E+38 (head).",
            error.Message, StringComparison.Ordinal);

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private sealed class Reports(List<ProbeProgress> all) : IProgress<ProbeProgress>
    {
        public void Report(ProbeProgress value) => all.Add(value);
    }
}
