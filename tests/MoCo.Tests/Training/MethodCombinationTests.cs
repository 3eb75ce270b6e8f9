using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Loading;
using Pretrain.Plans;

namespace MoCo.Tests.Training;

/// <summary>Every combination of a method with what it may share, shuffle, split, mirror, mix and leave out: it trains, or its error says
/// which option has no meaning there.</summary>
public sealed class MethodCombinationTests
{
    public static TheoryData<MethodKind> Methods => [.. Enum.GetValues<MethodKind>()];

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_combination_makes_two_finite_steps_or_its_flag_is_named(MethodKind method)
    {
        using TwoCropLoader loader = TrainerFixture.Loader();
        using TwoCropBatch first = loader.Epoch(0).First(), second = loader.Epoch(1).First();
        int trained = 0, refused = 0;
        foreach (MoCoOptions options in Combinations(method))
        {
            string[] meaningless = [.. Meaningless(options)];
            if (meaningless.Length > 0)
            {
                string message = Assert.Throws<ArgumentException>(options.Validate).Message, inFlags = Settings.InFlags(message);
                foreach (string flag in meaningless) Assert.Contains($"--{flag} is ", inFlags, StringComparison.Ordinal);
                refused++;
                continue;
            }
            using MoCoTrainer trainer = new(options);
            foreach (TwoCropBatch batch in new[] { first, second })
            {
                double loss = trainer.Step(batch).Loss;
                Assert.True(double.IsFinite(loss), $"loss {loss} of {options}");
                Assert.InRange(loss, 0.2 * trainer.Method.ChanceLoss, 3 * trainer.Method.ChanceLoss);
            }
            trained++;
        }
        Assert.True(trained > 0 && (refused > 0 || method == MethodKind.MoCo), $"{trained} trained, {refused} refused");
    }

    private static IEnumerable<MoCoOptions> Combinations(MethodKind method) =>
        from sharing in Enum.GetValues<KeyEncoderSharing>()
        from shuffle in new[] { false, true }
        from splits in new[] { 1, 2 }
        from symmetric in new[] { SymmetricLoss.Off, SymmetricLoss.Sum }
        from mixes in new[] { false, true }
        from leaveOut in Enum.GetValues<KeyExclusion>()
        from bankLoss in method == MethodKind.MemoryBank ? Enum.GetValues<MemoryBankLoss>() : [MemoryBankLoss.InfoNce]
        select MethodRunTests.Base with
        {
            Method = method,
            Encoder = MethodRunTests.Base.Encoder with
            {
                Width = 0.0625,
                BatchNormSplits = splits,
                Head = method == MethodKind.MoCoV3 ? HeadKind.BatchNormMlp : HeadKind.Linear,
                HiddenDimension = 16,
            },
            KeyEncoder = new() { Sharing = sharing, SharedStages = sharing == KeyEncoderSharing.Partial ? 2 : 0, ShuffleBatch = shuffle },
            Queue = new() { Length = 64, LeaveOut = leaveOut },
            Loss = new()
            {
                Temperature = 0.5,
                Symmetric = symmetric,
                Mixing = mixes ? new() { Hardest = 8, Pairs = 4, WithQuery = 2, FromEpoch = 0 } : null,
            },
            MemoryBank = new() { Samples = 58, Negatives = 10, Loss = bankLoss },
            Clustering = new() { Clusters = 3 },
        };

    /// <summary>The flags of what has no meaning, by the methods' definitions: only MoCo has a queue, and only where query and key are two
    /// roles can they be swapped or share.</summary>
    private static IEnumerable<string> Meaningless(MoCoOptions options)
    {
        bool hasQueue = options.Method == MethodKind.MoCo, hasRoles = hasQueue || options.Method == MethodKind.EndToEnd;
        bool isShared = options.KeyEncoder.Sharing == KeyEncoderSharing.Shared, isSymmetric = options.Loss.Symmetric != SymmetricLoss.Off;
        if (!hasRoles && options.KeyEncoder.Sharing != KeyEncoderSharing.Separate) yield return "key-sharing";
        if (isSymmetric && (!hasRoles || (!hasQueue && isShared))) yield return "symmetric";
        if (!hasQueue && options.Loss.Mixing is not null) yield return "mix";
        if (!hasQueue && options.Queue.LeaveOut != KeyExclusion.None) yield return "leave-out";
    }

    [Fact]
    public void What_a_queue_alone_can_do_and_more_mixed_keys_than_it_has_are_refused()
    {
        MoCoOptions simClr = MethodRunTests.Base with { Method = MethodKind.SimClr, Queue = new() { TrackSlots = true } };
        Assert.Contains("Queue.TrackSlots is true; expected false with Method SimClr, which has no queue.", Error(simClr),
            StringComparison.Ordinal);
        Assert.Contains("Loss.Mixing.Hardest is 65; expected at most 64, the keys of the queue", Error(
            MethodRunTests.Base with { Loss = new() { Mixing = new() { Hardest = 65 } } }), StringComparison.Ordinal);

        static string Error(MoCoOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }
}
