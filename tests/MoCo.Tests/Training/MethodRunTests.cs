using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training;

/// <summary>Every method through the same trainer.</summary>
public sealed class MethodRunTests
{
    internal static readonly MoCoOptions Base = TrainerFixture.Options with { Epochs = 2 };

    internal static readonly Dictionary<string, MoCoOptions> Runs = new()
    {
        ["MoCo"] = Base,
        ["MoCo, one encoder"] = Base with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared } },
        ["MoCo, two stages shared"] = Base with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 2 } },
        ["MoCHi"] = Base with
        {
            Loss = new() { Temperature = 0.2, Mixing = new() { Hardest = 16, Pairs = 8, WithQuery = 4, FromEpoch = 1 } },
        },
        ["MoCo, symmetric MoCHi"] = Base with
        {
            Loss = new() { Symmetric = SymmetricLoss.Mean, Mixing = new() { Hardest = 16, Pairs = 8, WithQuery = 4, FromEpoch = 0 } },
        },
        ["MoCo without own image"] = Base with { Queue = new() { Length = 64, LeaveOut = KeyExclusion.OwnImage } },
        ["MoCo with class oracle"] = Base with { Queue = new() { Length = 64, LeaveOut = KeyExclusion.OwnClass } },
        ["end-to-end"] = Base with { Method = MethodKind.EndToEnd },
        ["end-to-end, a stage shared"] = Base with
        {
            Method = MethodKind.EndToEnd,
            KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 1 },
        },
        ["SimCLR"] = Base with { Method = MethodKind.SimClr },
        ["DirectCLR"] = Base with { Method = MethodKind.SimClr, Encoder = Base.Encoder with { Head = HeadKind.Direct } },
        ["MoCo without a head"] = Base with { Encoder = Base.Encoder with { Head = HeadKind.Direct } },
        ["memory bank"] = Base with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = 58, Negatives = 20 } },
        ["memory bank, NCE"] = Base with
        {
            Method = MethodKind.MemoryBank,
            MemoryBank = new() { Samples = 58, Negatives = 20, Loss = MemoryBankLoss.Nce },
        },
        ["Contrastive Clustering"] = Base with { Method = MethodKind.ContrastiveClustering, Clustering = new() { Clusters = 3 } },
        ["MoCo v3"] = Base with
        {
            Method = MethodKind.MoCoV3,
            Encoder = Base.Encoder with { Head = HeadKind.BatchNormMlp, HiddenDimension = 24 },
        },
    };

    public static TheoryData<string> Names => new(Runs.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_run_resumed_in_the_middle_of_an_epoch_equals_the_uninterrupted_one_bit_for_bit(string name)
    {
        MoCoOptions options = Runs[name];
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using TemporaryFolder folder = new();
        using MoCoTrainer whole = Start(options);
        double[] losses = Run(whole, loader, 10, saveAt: 7, folder.File("run.ckpt"));
        Assert.All(losses, loss => Assert.True(double.IsFinite(loss)));
        Assert.InRange(losses[0], 0.3 * whole.Method.ChanceLoss, 3 * whole.Method.ChanceLoss);

        manual_seed(999);
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("run.ckpt"));
        Assert.IsType(whole.Method.GetType(), resumed.Method);
        Assert.Equal(losses[7..], Run(resumed, loader, 10));
        Snapshot.Same(Snapshot.Of(whole), Snapshot.Of(resumed));
    }

    /// <summary>What has no name and lies in no scope is freed by the finaliser, perhaps while libtorch reads it.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Making_a_trainer_leaves_no_tensor_to_the_finaliser(string name)
    {
        using (Start(Runs[name])) { }
        LiveTensors.Settled();
        using MoCoTrainer trainer = Start(Runs[name]);
        Assert.Equal(Tensor.TotalCount, LiveTensors.Settled());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Twenty_steps_leave_no_tensor_behind(string name)
    {
        MoCoOptions options = Runs[name];
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = Start(options);
        using TwoCropBatch batch = loader.Epoch(0).First();
        for (int i = 0; i < 5; i++) trainer.Step(batch);
        long before = LiveTensors.Settled();
        // Four epochs, and more than the 16 steps after which batches of 12 end where the queue of 64 ends.
        for (int i = 0; i < 20; i++) trainer.Step(batch);
        Assert.Equal(before, LiveTensors.Settled());
    }

    [Fact]
    public void One_encoder_without_gradient_through_the_keys_is_what_momentum_0_does()
    {
        MoCoOptions one = Runs["MoCo, one encoder"], zero = Base with { KeyEncoder = new() { Momentum = 0 } };
        using TwoCropLoader loader = TrainerFixture.Loader(one);
        using MoCoTrainer first = Start(one), second = Start(zero);
        Assert.Equal(Run(first, loader, 5), Run(second, loader, 5));
        foreach ((string name, Tensor value) in second.QueryEncoder.state_dict().Where(entry => !entry.Key.Contains("running")
            && !entry.Key.Contains("tracked")))
            Fixture.Near(value, first.QueryEncoder.state_dict()[name], 0, name);
        Assert.DoesNotContain(first.Method.state_dict().Keys, name => name.StartsWith("encoder_k", StringComparison.Ordinal));
    }

    [Fact]
    public void Shared_stages_are_the_same_modules_and_the_others_follow_by_momentum()
    {
        using DisposeScope scope = NewDisposeScope();
        using TwoCropLoader loader = TrainerFixture.Loader(Base);
        using MoCoTrainer trainer = Start(Runs["MoCo, two stages shared"]);
        MomentumContrast method = (MomentumContrast)trainer.Method;
        Dictionary<string, Tensor> before = method.KeyEncoder.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        Run(trainer, loader, 3);
        Dictionary<string, Tensor> query = method.QueryEncoder.state_dict(), key = method.KeyEncoder.state_dict();
        foreach (string name in query.Keys.Where(name => name.EndsWith("weight", StringComparison.Ordinal)))
        {
            bool isShared = new[] { "conv1", "bn1", "layer1", "layer2" }.Any(
                stage => name.StartsWith("backbone." + stage, StringComparison.Ordinal));
            bool isEqual = query[name].equal(key[name]).all().item<bool>(), moved = !before[name].equal(key[name]).all().item<bool>();
            Assert.Equal((isShared, true), (isEqual, moved));
        }
    }

    [Fact]
    public void A_queue_as_long_as_the_data_is_told_which_keys_are_the_querys_own_image()
    {
        using TwoCropLoader loader = TrainerFixture.Loader(Base);
        using MoCoTrainer with = Start(Base), without = Start(Runs["MoCo without own image"]);
        double[] all = Run(with, loader, 10), left = Run(without, loader, 10);
        // In the first epoch nothing meets itself; in the second every image does, and the loss without those keys is lower.
        Assert.Equal(all[..5], left[..5]);
        Assert.All(Enumerable.Range(5, 5), step => Assert.NotEqual(all[step], left[step]));
        Assert.True(left[5] < all[5], $"{left[5]} without the own image's key, {all[5]} with it");
    }

    [Fact]
    public void What_a_method_has_no_use_for_is_refused_by_name()
    {
        Assert.Contains("KeyEncoder.Sharing is Shared; expected Separate with Method SimClr", Error(Base with
        {
            Method = MethodKind.SimClr,
            KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared },
        }), StringComparison.Ordinal);
        Assert.Contains("MemoryBank.Samples is 0; expected 2 or more, the number of training samples", Error(Base with
        {
            Method = MethodKind.MemoryBank,
        }), StringComparison.Ordinal);
        Assert.Contains("KeyEncoder.SharedStages is 2; expected 0 with Sharing Separate", Error(Base with
        {
            KeyEncoder = new() { SharedStages = 2 },
        }), StringComparison.Ordinal);
        Assert.Contains("expected null with Method EndToEnd", Error(Base with
        {
            Method = MethodKind.EndToEnd,
            Loss = new() { Mixing = new() },
        }), StringComparison.Ordinal);

        Assert.Contains("Loss.Mixing.FromEpoch is 15; expected below 2, the run's epochs", Error(Base with
        {
            Loss = new() { Mixing = new() { Hardest = 16, Pairs = 8, WithQuery = 4 } },
        }), StringComparison.Ordinal);

        static string Error(MoCoOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    internal static MoCoTrainer Start(MoCoOptions options)
    {
        manual_seed(1);
        return new MoCoTrainer(options);
    }

    internal static double[] Run(MoCoTrainer trainer, TwoCropLoader loader, int steps, int saveAt = -1, string? path = null)
    {
        List<double> losses = [];
        while (trainer.StepCount < steps && !trainer.IsDone)
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch, trainer.Batch))
            {
                using (batch) losses.Add(trainer.Step(batch).Loss);
                if (trainer.StepCount == saveAt) trainer.Save(path!);
                if (trainer.StepCount == steps) break;
            }
            if (trainer.Batch == loader.BatchesPerEpoch) trainer.EndEpoch();
        }
        return [.. losses];
    }
}
