using MoCo.Encoders;
using MoCo.Evaluation;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.FineTuning;
using MoCo.Evaluation.Linear;
using MoCo.Interop;
using MoCo.Optimization;
using MoCo.Training;
using TorchSharp;
using static TorchSharp.torch;

using LinearLayer = TorchSharp.Modules.Linear;

namespace MoCo.Tests.Evaluation.FineTuning;

public sealed class FineTuneTests
{
    private static readonly EncoderOptions Small = new()
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImage,
        InputChannels = 1,
        Width = 0.125,
        BatchNormSplits = 4,
    };

    private static readonly FineTuneOptions Short = FineTuneOptions.ResNet with
    {
        Epochs = 4,
        EncoderLearningRate = 0.05,
        HeadLearningRate = 0.1,
    };

    public static TheoryData<OptimizerKind> Kinds => [OptimizerKind.Sgd, OptimizerKind.AdamW];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Training_in_float64_equals_torch_s_optimizers_with_a_group_for_the_head(OptimizerKind kind)
    {
        LabelledNoise data = new(24, classes: 3, batch: 8);
        LabelledBatches batches = InFloat64(data) with { BatchesPerEpoch = 3 };
        using LabelledNoise.Network backbone = new(1);
        using Encoder network = new(backbone, Head());
        network.to(ScalarType.Float64);
        double rate = kind == OptimizerKind.Sgd ? 0.05 : 1e-3;
        FineTuneOptions options = Short with
        {
            Optimizer = kind,
            EncoderLearningRate = rate,
            HeadLearningRate = 2 * rate,
            WeightDecay = 0.01,
            LabelSmoothing = 0.1,
            Schedule = new CosineSchedule { WarmupEpochs = 1, PerStep = true },
        };

        FineTuneResult result = FineTune.Train(network, batches, options);

        using LabelledNoise.Network reference = new(1);
        using LinearLayer head = Head();
        reference.to(ScalarType.Float64);
        head.to(ScalarType.Float64);
        using CollectionPause collections = new();
        collections.Renew();
#pragma warning disable RS0030 // TorchSharp's optimizers and layers are the peers here, and no collection comes between.
        using optim.Optimizer own = Peer(reference, kind, rate), ofHead = Peer(head, kind, 2 * rate);
        double lastLoss = 0;
        for (int epoch = 0; epoch < 4; epoch++)
        {
            double sum = 0;
            int step = 0;
            foreach ((Tensor views, ReadOnlyMemory<int> labels) in batches.Training(epoch))
            {
                using DisposeScope scope = NewDisposeScope();
                double now = epoch + step++ / 3.0, factor = 0.5 * (1 + Math.Cos(Math.PI * now / 4)) * (now < 1 ? (now + 1e-3) / 1.001 : 1);
                own.ParamGroups.Single().LearningRate = rate * factor;
                ofHead.ParamGroups.Single().LearningRate = 2 * rate * factor;
                own.zero_grad();
                ofHead.zero_grad();
                Tensor target = zeros(8, 3, dtype: ScalarType.Float64).fill_(0.1 / 3);
                for (int row = 0; row < 8; row++) target[row, labels.Span[row]] = 0.9 + 0.1 / 3;
                Tensor loss = nn.functional.log_softmax(head.call(reference.call(views)), 1).mul(target).sum(1).mean().neg();
                loss.backward();
                own.step();
                ofHead.step();
                sum += loss.item<double>();
            }
            lastLoss = sum / 3;
        }
#pragma warning restore RS0030
        foreach ((string name, Tensor expected) in reference.state_dict().Where(entry => entry.Value.is_floating_point()))
            Fixture.Near(expected, network.Backbone.state_dict()[name], 1e-9, name);
        Fixture.Near(head.weight!, network.Head.state_dict()["weight"], 1e-9, "head");
        Assert.Equal(lastLoss, result.Epochs[^1].Loss, 1e-9);
    }

    [Fact]
    public void The_whole_network_learns_far_beyond_chance_and_is_read_back_as_an_encoder()
    {
        LabelledNoise data = new(96, classes: 4, batch: 16, spread: 1);
        using Encoder encoder = Encoder.Create(Small);
        WeightFingerprint fingerprint = new(encoder);
        byte[] random = RandomBytes();
        using Encoder network = FineTune.Classifier(encoder, 4);
        List<ClassifierProgress> told = [];

        FineTuneResult result = FineTune.Train(network, data.Batches(), Short with { Epochs = 6, TestEvery = 2 }, new Reports(told));

        Assert.Empty(fingerprint.Changes());
        Assert.Equal(random, RandomBytes());
        Assert.Equal([null, 96, null, 96, null, 96], result.Epochs.Select(epoch => epoch.Test?.Total));
        Assert.InRange(result.Last!.Value.Test.Top1, 0.75, 1);
        Assert.True(result.Best!.Value.Test.Correct >= result.Last.Value.Test.Correct);
        Assert.Equal(result.Last.Value.Test.Correct, Enumerable.Range(0, 4).Sum(label => result.Confusion![label, label]));
        Assert.Equal(6 * 7, told.Count); // each of 6 batches and the epoch
        Assert.Equal(result.Epochs, told.Where(report => report.IsEpochDone).Select(report => (report.Epoch, report.Loss, report.Test)));
        Assert.True(result.Epochs[^1].Loss < result.Epochs[0].Loss);
        Assert.False(result.Canceled);
        Assert.False(network.training);

        using TemporaryFolder folder = new();
        network.SaveEncoder(folder.File("tuned.safetensors"), new Dictionary<string, string> { ["classes"] = "[]" });
        using Encoder read = EncoderFiles.Open(folder.File("tuned.safetensors"));
        read.eval();
        using Tensor views = randn(3, 1, 8, 8), scores = network.call(views), again = read.call(views);
        Assert.Equal([3, 4], scores.shape);
        Fixture.Near(scores, again, 1e-5, "scores");
    }

    [Fact]
    public void Frozen_parts_stay_bit_for_bit_their_running_statistics_included_and_the_others_learn()
    {
        LabelledNoise data = new(16, classes: 2, batch: 8);
        using Encoder encoder = Encoder.Create(Small);
        using Encoder network = FineTune.Classifier(encoder, 2);

        FineTune.Train(network, data.Batches(), Short with { Frozen = ["conv1", "bn1", "layer1.0"] });

        Dictionary<string, Tensor> before = encoder.Backbone.state_dict(), after = network.Backbone.state_dict();
        foreach ((string name, Tensor value) in before.Where(entry => !entry.Key.EndsWith("tracked", StringComparison.Ordinal)))
        {
            bool isFrozen = name.StartsWith("conv1", StringComparison.Ordinal) || name.StartsWith("bn1", StringComparison.Ordinal)
                || name.StartsWith("layer1.0.", StringComparison.Ordinal);
            Assert.True(isFrozen == value.equal(after[name]).all().item<bool>(), name);
        }
    }

    [Fact]
    public void A_canceled_training_gives_what_is_done()
    {
        LabelledNoise data = new(16, classes: 2, batch: 8);
        using Encoder encoder = Encoder.Create(Small), network = FineTune.Classifier(encoder, 2);
        using CancellationTokenSource stop = new();
        List<ClassifierProgress> told = [];

        FineTuneResult result = FineTune.Train(
            network, data.Batches(), Short, new Reports(told, now => { if (now is { Epoch: 3, Batch: 1 }) stop.Cancel(); }), stop.Token);

        Assert.True(result.Canceled);
        Assert.Equal(2, result.Epochs.Count);
        Assert.Equal((3, 1), (told[^1].Epoch, told[^1].Batch));
        Assert.Equal(2, result.Last!.Value.Epoch);
        Assert.False(network.training);
    }

    [Fact]
    public void Nothing_is_left_behind()
    {
        LabelledNoise data = new(16, classes: 2, batch: 8);
        using Encoder encoder = Encoder.Create(Small), network = FineTune.Classifier(encoder, 2);
        FineTune.Train(network, data.Batches(), Short with { Epochs = 1 });
        long before = LiveTensors.Settled();

        FineTune.Train(network, data.Batches(), Short with { Epochs = 2 });

        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void The_published_recipes_are_the_presets()
    {
        FineTuneOptions whole = FineTuneOptions.ResNet, transformer = FineTuneOptions.Transformer;
        Assert.Equal((100, 0.025, 0.025, 1e-4), (whole.Epochs, whole.EncoderLearningRate, whole.HeadLearningRate, whole.WeightDecay));
        Assert.Equal([1, 1, 0.1, 0.1, 0.01], new[] { 0, 69, 70, 89, 90 }.Select(epoch => whole.Factor(epoch, 0)));
        Assert.Equal((150, 5e-4, 0.05, 0.1, OptimizerKind.AdamW), (
            transformer.Epochs, transformer.EncoderLearningRate, transformer.WeightDecay, transformer.LabelSmoothing,
            transformer.Optimizer));
        Assert.Equal(0.5, transformer.Factor(2, 0.5), 1e-3);
        Assert.Equal(0.5, transformer.Factor(75, 0), 1e-9);
    }

    [Fact]
    public void Errors_are_named()
    {
        LabelledNoise data = new(16, classes: 2, batch: 8);
        using Encoder encoder = Encoder.Create(Small), network = FineTune.Classifier(encoder, 2), other = FineTune.Classifier(encoder, 3);
        using LabelledNoise.Network backbone = new(1);
        using Encoder own = new(backbone, Head());

        Refused("FineTuneOptions: EncoderLearningRate is -1; expected 0 or more. HeadLearningRate is 0; expected above 0. "
            + "LabelSmoothing is 1; expected 0 to below 1. TestEvery is 0; expected 1 or more. Epochs is 0; expected 1 or more.",
            () => FineTune.Train(network, data.Batches(), Short with
            {
                EncoderLearningRate = -1,
                HeadLearningRate = 0,
                LabelSmoothing = 1,
                TestEvery = 0,
                Epochs = 0,
            }));
        Refused("Frozen has 'layer5', which the backbone has no part of; expected some of conv1, bn1, layer1, layer2, layer3, layer4, or",
            () => FineTune.Train(network, data.Batches(), Short with { Frozen = ["conv1", "layer5"] }));
        Refused("Expected a head that gives 8×2 scores, found 8×3.", () => FineTune.Train(other, data.Batches(), Short));
        Refused("The encoder has no options to make a copy by", () => FineTune.Classifier(own, 2));
        InvalidOperationException error = Assert.Throws<InvalidOperationException>(
            () => FineTune.Train(network, data.Batches(), Short with { HeadLearningRate = 1e38 }));
        Assert.Contains("Fine-tuning diverged in epoch", error.Message, StringComparison.Ordinal);

        static void Refused(string because, Func<object> make) =>
            Assert.Contains(because, Assert.ThrowsAny<ArgumentException>(make).Message, StringComparison.Ordinal);
    }

    private static LinearLayer Head()
    {
        LinearLayer head = nn.Linear(8 * 36, 3);
        using IDisposable constant = no_grad();
        head.weight!.zero_();
        head.bias!.zero_();
        return head;
    }

    private static LabelledBatches InFloat64(LabelledNoise data)
    {
        LabelledBatches all = data.Batches();
        return all with { Training = epoch => Doubled(all.Training(epoch)), Test = () => Doubled(all.Test()) };

        static IEnumerable<(Tensor, ReadOnlyMemory<int>)> Doubled(IEnumerable<(Tensor Views, ReadOnlyMemory<int> Labels)> batches)
        {
            foreach ((Tensor views, ReadOnlyMemory<int> labels) in batches)
            {
                using Tensor wide = views.to(ScalarType.Float64);
                yield return (wide, labels);
            }
        }
    }

    private static optim.Optimizer Peer(nn.Module module, OptimizerKind kind, double rate) => kind == OptimizerKind.Sgd
#pragma warning disable RS0030 // The peer.
        ? optim.SGD(module.parameters(), rate, momentum: 0.9, weight_decay: 0.01)
        : optim.AdamW(module.parameters(), rate, weight_decay: 0.01);
#pragma warning restore RS0030

    private sealed class Reports(List<ClassifierProgress> all, Action<ClassifierProgress>? then = null) : IProgress<ClassifierProgress>
    {
        public void Report(ClassifierProgress value)
        {
            all.Add(value);
            then?.Invoke(value);
        }
    }
}
