using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;

namespace MoCo.Benchmarks.Measuring;

/// <summary>The methods that <c>step --methods</c> times, each as a change of MoCo's options.</summary>
internal static class MethodRows
{
    public const string MoCo = "moco";

    private static readonly Dictionary<string, Func<MoCoOptions, MoCoOptions>> Changes = new()
    {
        [MoCo] = options => options,
        ["moco_shared"] = options => options with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Shared } },
        ["moco_partial"] = options => options with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 2 } },
        ["moco_symmetric"] = options => options with { Loss = new() { Symmetric = SymmetricLoss.Sum } },
        ["moco_own_image"] = options => options with { Queue = options.Queue with { LeaveOut = KeyExclusion.OwnImage } },
        ["moco_k16384"] = Short,
        ["mochi_k16384"] = options => Short(options) with { Loss = new() { Mixing = new() { FromEpoch = 0 } } },
        ["end_to_end"] = options => options with { Method = MethodKind.EndToEnd },
        ["simclr"] = options => options with { Method = MethodKind.SimClr, Loss = new() { Temperature = 0.5 } },
        ["memory_bank"] = options => options with { Method = MethodKind.MemoryBank, MemoryBank = new() { Samples = Bank } },
        ["memory_bank_nce"] = options => options with
        {
            Method = MethodKind.MemoryBank,
            MemoryBank = new() { Samples = Bank, Loss = MemoryBankLoss.Nce },
        },
        ["contrastive_clustering"] = options => options with
        {
            Method = MethodKind.ContrastiveClustering,
            Loss = new() { Temperature = 0.5 },
        },
        ["mocov3"] = options => options with
        {
            Method = MethodKind.MoCoV3,
            Encoder = MoCoOptions.V3.Encoder with { Backbone = options.Encoder.Backbone, Stem = options.Encoder.Stem },
            KeyEncoder = MoCoOptions.V3.KeyEncoder,
            Loss = MoCoOptions.V3.Loss,
        },
    };

    /// <summary>Rows of a memory bank: CIFAR's training images.</summary>
    private const int Bank = 50_000;

    public static IReadOnlyList<string> Names { get; } = [.. Changes.Keys];

    public static MoCoOptions Of(string name, MoCoOptions options) => Changes[name](options);

    private static MoCoOptions Short(MoCoOptions options) => options with { Queue = new() { Length = 16384 } };
}
