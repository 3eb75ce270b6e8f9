using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Evaluation.FineTuning;
using MoCo.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

using LinearLayer = TorchSharp.Modules.Linear;

namespace MoCo.Tests.Evaluation.FineTuning;

public sealed class FewLabelsTests
{
    private static readonly FineTuneOptions Short = FineTuneOptions.TenPercent with
    {
        Epochs = 5,
        EncoderLearningRate = 0.05,
        HeadLearningRate = 0.1,
    };

    [Fact]
    public void Fine_tuning_equals_torch_s_SGD_with_two_parameter_groups()
    {
        LabelledNoise data = new(32, classes: 3, batch: 8);
        using LabelledNoise.Network backbone = new(1);
        using LinearLayer own = Zeros();
        using Encoder network = new(backbone, own);

        FineTune.Train(network, data.Batches(), Short);

        using LabelledNoise.Network reference = new(1);
        using LinearLayer head = Zeros();
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
            Fixture.Near(expected, backbone.state_dict()[name], 1e-5, name);
        Fixture.Near(head.weight!, own.weight!, 1e-5, "head");
    }

    [Fact]
    public void Only_the_last_epoch_is_measured_where_that_is_asked_for()
    {
        LabelledNoise data = new(40, classes: 4, batch: 8, spread: 1);
        using LabelledNoise.Network backbone = new(1);
        using LinearLayer head = Zeros(4);
        using Encoder network = new(backbone, head);

        FineTuneResult result = FineTune.Train(network, data.Batches(), Short with { TestEvery = 5 });

        Assert.Equal([null, null, null, null, 40], result.Epochs.Select(epoch => epoch.Test?.Total));
        Accuracy test = result.Last!.Value.Test;
        Assert.InRange(test.Top1, 0.7, 1);
        Assert.Equal(test.Correct, Enumerable.Range(0, 4).Sum(label => result.Confusion![label, label]));
        Assert.True(result.Epochs[^1].Loss < result.Epochs[0].Loss);
    }

    [Fact]
    public void The_published_rates_are_the_presets()
    {
        Assert.Equal((0.02, 5.0), (FineTuneOptions.OnePercent.EncoderLearningRate, FineTuneOptions.OnePercent.HeadLearningRate));
        Assert.Equal((0.01, 0.2), (FineTuneOptions.TenPercent.EncoderLearningRate, FineTuneOptions.TenPercent.HeadLearningRate));
        Assert.Equal((20, 0), (FineTuneOptions.TenPercent.Epochs, FineTuneOptions.TenPercent.WeightDecay));
        Assert.Equal([1, 1, 0.2, 0.04], new[] { 0, 11, 12, 16 }.Select(epoch => FineTuneOptions.OnePercent.Factor(epoch, 0)));
    }

    [Fact]
    public void Weights_of_another_architecture_and_rates_at_which_it_diverges_are_named()
    {
        LabelledNoise data = new(16, classes: 3, batch: 8);
        using LabelledNoise.Network backbone = new(1);
        using LinearLayer other = Zeros();
        using Encoder network = new(backbone, other);

        Refused("The copy is the encoder itself", () => WeightCopy.Make(backbone, backbone));
        Refused("of another architecture", () => WeightCopy.Make(backbone, other));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => FineTune.Train(network, data.Batches(), Short with { HeadLearningRate = 1e38 }));
        Assert.Matches(
            @"^Fine-tuning diverged in epoch \d; expected lower learning rates than 0\.05 \(encoder\) and 1E\+38 \(head\)\.$",
            error.Message);

        static void Refused(string because, Action make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static LinearLayer Zeros(int classes = 3)
    {
        LinearLayer head = nn.Linear(8 * 36, classes);
        using IDisposable constant = no_grad();
        nn.init.zeros_(head.weight);
        nn.init.zeros_(head.bias);
        return head;
    }
}
