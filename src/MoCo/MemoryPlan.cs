using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using MoCo.Encoders.ResNets;
using MoCo.Evaluation.Features;
using MoCo.Loading;
using MoCo.Optimization;

namespace MoCo;

/// <summary>The memory that a run on the CPU takes, counted before it is begun: every part by the arithmetic of what lies in it, the
/// activations by letting each layer of the network take and give back what it does. Nothing is allocated.</summary>
/// <remarks>Two figures are not counted but were measured, as resident memory at most of processes that made five steps on Linux with
/// libtorch 2.10 and two threads: the process itself, and the work space that libtorch takes for each weight. With them ResNet-18 (32
/// pixels, batches 64, 128, 256) and ResNet-50 (224 pixels, 8, 16, 24) took what was planned to within 7 %. What a program does between
/// steps is left out, but for an evaluation's pass, and so are the images that are kept or decoded, and a GPU's memory.</remarks>
public sealed class MemoryPlan
{
    /// <summary>A .NET process with libtorch after steps of a ResNet-18 of width 1/16, batch 2: 212 MB, of which 4 are counted.</summary>
    private const long ProcessBytes = 208_000_000;

    /// <summary>What oneDNN keeps for its kernels and libtorch's heap in gaps: what steps of ResNet-18 and ResNet-50 of any batch take
    /// beyond all else here, 21 to 36 MB. Tensors of a step leave none: they lie where the step before had its own.</summary>
    private const long WorkSpaceBytes = 30_000_000;

    /// <summary>The name of the part that <see cref="Activations"/> tell layer by layer.</summary>
    public const string ActivationsPart = "activations";

    private readonly MoCoOptions options;
    private readonly int viewSize;
    private readonly LoaderOptions? loader;
    private readonly bool savesCheckpoints;
    private readonly int evaluationBatch;
    private readonly (int Count, int Size) small;

    private MemoryPlan(
        MoCoOptions options, int viewSize, LoaderOptions? loader, bool savesCheckpoints, int evaluationBatch, (int Count, int Size) small)
    {
        (this.options, this.viewSize, this.loader, this.savesCheckpoints, this.evaluationBatch, this.small)
            = (options, viewSize, loader, savesCheckpoints, evaluationBatch, small);
        EncoderOptions encoder = options.Encoder;
        ResNetShape shape = ResNetShape.Of(encoder, viewSize);
        Roles roles = Roles.Of(options);
        long images = (long)options.BatchSize * encoder.InputChannels * viewSize * viewSize;
        long smallOnes = (long)options.BatchSize * encoder.InputChannels * small.Size * small.Size * small.Count;
        long features = encoder.FeatureDimension;
        long head = Head(encoder.Head, features, encoder.HiddenDimension, encoder.EmbeddingDimension);
        long network = shape.Convolutions.Sum(layer => layer.Parameters) + head;
        long learning = sizeof(float) * (roles.Learning * network + Further(options, features));
        long averages = (options.Optimizer.Kind == OptimizerKind.AdamW ? 2 : 1) * learning;
        long following = sizeof(float) * roles.Following * (network - Shared(shape));
        long statistics = (roles.Learning + roles.Following)
            * shape.Convolutions.Sum(layer => 2L * sizeof(float) * layer.Outputs + sizeof(long));
        long dictionary = Dictionary(options);
        // Weights, gradients and momentum of a linear layer.
        long probe = options.Probe is { } linear ? 3 * sizeof(float) * (features + 1) * linear.Classes : 0;
        (long part, int splits) = (PartOf(options), encoder.BatchNormSplits / options.MicroBatches);
        Func<ResNetShape, long, Precision, int, PassMemory> pass
            = options.GradientCheckpointing ? PassMemory.Checkpointed : PassMemory.Learning;
        PassMemory learns = pass(shape, part, options.Precision, splits);
        PassMemory follows = PassMemory.Constant(shape, part, options.Precision, splits);
        PassMemory? crops = small.Count == 0 ? null
            : PassMemory.Learning(ResNetShape.Of(encoder, small.Size), small.Count * part, options.Precision, splits);
        long large = roles.LearningPasses * learns.Kept.Sum(layer => layer.Bytes);
        // The small views of a part pass together, as a tensor that backward reads again.
        long together = sizeof(float) * smallOnes / options.MicroBatches;
        long kept = large + (crops?.Kept.Sum(layer => layer.Bytes) + together ?? 0);
        long shuffled = options.Method == MethodKind.MoCo && options.KeyEncoder.ShuffleBatch ? sizeof(float) * images : 0;
        long forward = roles.ConstantPasses > 0 ? shuffled + follows.Peak : 0;
        long most = Math.Max(Math.Max(forward, kept + Loss(options, small.Count)), large + learns.Peak - large / roles.LearningPasses);
        if (crops is not null) most = Math.Max(most, large + together + crops.Peak);

        // A step's tensors are gone by then, an evaluation's views are there beside those of a step that are made ahead.
        long evaluated = sizeof(float) * (long)evaluationBatch * encoder.InputChannels * viewSize * viewSize;
        long evaluation = evaluationBatch == 0 ? 0 : (1 + FeatureSet.BatchesAhead) * evaluated
            + PassMemory.Constant(shape, evaluationBatch, options.Precision, splits: 1).Peak;

        Activations = [.. learns.Kept.Select((layer, number)
            => (layer.Layer, roles.LearningPasses * layer.Bytes + (crops?.Kept[number].Bytes ?? 0)))];
        if (crops is not null) Activations = [("small views together", together), .. Activations];
        Parts =
        [
            ("process", ProcessBytes),
            ("parameters", learning),
            ("gradients", learning),
            (options.Optimizer.Kind switch
            {
                OptimizerKind.AdamW => "averages of AdamW",
                OptimizerKind.Lars => "momentum of LARS",
                _ => "momentum of SGD",
            }, averages),
            ("key encoder", following),
            ("copies to undo a failed step", following + statistics),
            ("BatchNorm's statistics", statistics),
            ("dictionary", dictionary),
            ("online probe", probe),
            ("views", sizeof(float) * (2 * images + smallOnes) * (1 + (loader?.PrefetchBatches ?? 0))),
            ("checkpoint being written",
                savesCheckpoints ? learning + averages + following + statistics + dictionary + probe * 2 / 3 : 0),
            (ActivationsPart, kept),
            ("work space of the passes", most - kept),
            ("evaluation, beyond a step's passes", Math.Max(0, evaluation - most)),
            ("work space of libtorch", WorkSpaceBytes),
        ];
        Peak = Parts.Sum(part => part.Bytes);
    }

    /// <summary>What the memory is for; the bytes add up to <see cref="Peak"/>.</summary>
    public IReadOnlyList<(string Name, long Bytes)> Parts { get; }

    /// <summary>What the network's layers keep for backward, in their order: the part "activations". With
    /// <see cref="MoCoOptions.GradientCheckpointing"/> stem and stages keep their results, and the last stage's layers all.</summary>
    public IReadOnlyList<(string Name, long Bytes)> Activations { get; }

    /// <summary>The most memory that the process holds, in bytes.</summary>
    public long Peak { get; }

    /// <summary>Counts the memory of a run.</summary>
    /// <param name="options">The run.</param>
    /// <param name="viewSize">Width and height of a view.</param>
    /// <param name="loader">The loader, of which the batches made ahead count; null: the two views of a batch are made once.</param>
    /// <param name="savesCheckpoints">Whether <see cref="MoCoTrainer.Checkpoints"/> is set: a copy of the state is kept to be
    /// written.</param>
    /// <param name="evaluationBatch">Images at a time of which features are made while the trainer is there, usually
    /// <see cref="Evaluation.Features.FeatureSet.UsualBatchSize"/>; 0: none are.</param>
    /// <param name="small">Small views of each image, and their width and height; as it is, none.</param>
    /// <exception cref="ArgumentException">The options have errors; the message lists them all. Or the backbone is no residual
    /// network.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="viewSize"/> is below 1, or <paramref name="evaluationBatch"/> or a
    /// number of <paramref name="small"/> below 0.</exception>
    public static MemoryPlan Of(
        MoCoOptions options, int viewSize, LoaderOptions? loader = null, bool savesCheckpoints = false, int evaluationBatch = 0,
        (int Count, int Size) small = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(small.Count, nameof(small));
        ArgumentOutOfRangeException.ThrowIfLessThan(small.Size, Math.Min(small.Count, 1), nameof(small));
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(viewSize, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(evaluationBatch);
        options.Validate();
        loader?.Validate();
        new OptionErrors("The memory of this run can't be counted")
            .Check(options.Encoder.Backbone.Architecture is ResNetArchitecture, options.Encoder.Backbone,
                $"one of {string.Join(", ", ResNetArchitecture.All)}, the networks whose layers are counted", "Encoder.Backbone")
            .ThrowIfAny();
        return new MemoryPlan(options, viewSize, loader, savesCheckpoints, evaluationBatch, small);
    }

    /// <summary>The largest batch whose <see cref="Peak"/> is within some memory, everything else as it is.</summary>
    /// <param name="bytes">The memory.</param>
    /// <returns>Images in a batch; null where not even the smallest that the options allow fits.</returns>
    public int? LargestBatch(long bytes)
    {
        int least = Math.Max(2, options.Encoder.BatchNormSplits > 1 ? 2 * options.Encoder.BatchNormSplits : 2);
        int keys = options.Loss.Symmetric == SymmetricLoss.Off ? 1 : 2;
        int most = options.Method == MethodKind.MoCo ? Math.Min(1 << 20, options.Queue.Length / keys) : 1 << 20;
        if (least > most || With(least) > bytes) return null;
        while (least < most)
        {
            int middle = least + (most - least + 1) / 2;
            if (With(middle) <= bytes) least = middle;
            else most = middle - 1;
        }
        return least;

        long With(int batch)
            => new MemoryPlan(options with { BatchSize = batch }, viewSize, loader, savesCheckpoints, evaluationBatch, small).Peak;
    }

    /// <summary>Samples of a batch that pass at a time.</summary>
    private static long PartOf(MoCoOptions options) => (options.BatchSize + options.MicroBatches - 1L) / options.MicroBatches;

    private static long Head(HeadKind kind, long features, long hidden, long dimension) => kind switch
    {
        HeadKind.Linear => features * dimension + dimension,
        HeadKind.Mlp => features * features + features + features * dimension + dimension,
        HeadKind.BatchNormMlp => features * hidden + 2 * hidden + hidden * dimension,
        _ => 0,
    };

    /// <summary>Parameters that learn beside the encoders': a predictor, a cluster head.</summary>
    private static long Further(MoCoOptions options, long features) => options.Method switch
    {
        MethodKind.MoCoV3 => Head(HeadKind.BatchNormMlp, options.Encoder.EmbeddingDimension, options.Encoder.HiddenDimension,
            options.Encoder.EmbeddingDimension),
        MethodKind.ContrastiveClustering => Head(HeadKind.Mlp, features, 0, options.Clustering.Clusters),
        _ => 0,
    };

    /// <summary>Parameters that the key encoder has in common with the query encoder.</summary>
    private long Shared(ResNetShape shape) => options.KeyEncoder.SharedStages == 0 ? 0
        : shape.Stem.Parameters + shape.Blocks.Where(block => block.Stage < options.KeyEncoder.SharedStages)
            .Sum(block => block.All.Sum(layer => layer.Parameters));

    /// <summary>The queue with what it notes of each key, or the memory bank.</summary>
    private static long Dictionary(MoCoOptions options) => options.Method switch
    {
        MethodKind.MoCo => options.Queue.Length
            * (sizeof(float) * (long)options.Encoder.EmbeddingDimension + (options.Queue.NotesSlots ? 3 * sizeof(long) : 0)),
        MethodKind.MemoryBank => options.MemoryBank.Samples * sizeof(float) * (long)options.Encoder.EmbeddingDimension,
        _ => 0,
    };

    /// <summary>The logits that exist at a time: a block of InfoNCE's, or those of a batch's 2N embeddings, with their exponentials and
    /// gradients.</summary>
    private static long Loss(MoCoOptions options, int smallViews) => options.Method is MethodKind.MoCo or MethodKind.MemoryBank
        ? sizeof(float) * Math.Max(options.Loss.BlockLogits ?? InfoNce.LogitsOnCpu, Math.Max(1, smallViews) * PartOf(options))
        : 4 * sizeof(float) * 4L * options.BatchSize * options.BatchSize * (1 + smallViews);

    /// <summary>How many encoders learn and follow, and how often a step passes through them.</summary>
    private readonly record struct Roles(int Learning, int Following, int LearningPasses, int ConstantPasses)
    {
        public static Roles Of(MoCoOptions options)
        {
            int ways = options.Loss.Symmetric == SymmetricLoss.Off ? 1 : 2;
            bool isShared = options.KeyEncoder.Sharing == KeyEncoderSharing.Shared;
            return options.Method switch
            {
                MethodKind.MoCo => new(1, isShared ? 0 : 1, ways, ways),
                MethodKind.EndToEnd => new(isShared ? 1 : 2, 0, 2 * ways, 0),
                MethodKind.MemoryBank => new(1, 0, 1, 0),
                MethodKind.MoCoV3 => new(1, 1, 2, 2),
                _ => new(1, 0, 2, 0),
            };
        }
    }
}
