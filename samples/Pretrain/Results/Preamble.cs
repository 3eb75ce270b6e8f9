using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Optimization;

namespace Pretrain.Results;

/// <summary>What is said before the first step: what will be done, and what looks unwise about it.</summary>
internal static class Preamble
{
    /// <summary>Below this many pixels the ImageNet stem leaves next to nothing of a view.</summary>
    private const int SmallView = 64;

    private static readonly Backbone[] Transformers = [Backbone.ViTSmall, Backbone.ViTSmall6Heads, Backbone.ViTBase];

    /// <summary>What a run has beyond its method's plain form.</summary>
    private static IEnumerable<string> Changes(MoCoOptions options)
    {
        if (options.Loss.Mixing is { } mixing)
            yield return $"mixing {mixing.Hardest},{mixing.Pairs},{mixing.WithQuery} from epoch {mixing.FromEpoch + 1} on";
        if (options.Queue.LeaveOut == KeyExclusion.OwnClass) yield return "keys of the own class left out";
        if (options.KeyEncoder.Sharing == KeyEncoderSharing.Shared) yield return "one encoder";
        if (options.KeyEncoder.Sharing == KeyEncoderSharing.Partial)
            yield return $"{Counted.Of(options.KeyEncoder.SharedStages, "stage")} shared";
        if (options.Loss.Symmetric != SymmetricLoss.Off) yield return "symmetric";
        if (options.Optimizer.Kind != OptimizerKind.Sgd) yield return Values.Text(options.Optimizer.Kind);
        if (options.Optimizer.ClipNorm is double norm) yield return $"gradients of a norm up to {Values.Text(norm)}";
        if (options.MicroBatches > 1) yield return $"batches in {options.MicroBatches} parts";
        if (options.GradientCheckpointing) yield return "gradient checkpointing";
        if (options.Probe is not null) yield return "online probe";
    }

    public static IEnumerable<string> Of(Plan plan, DataSet data, TwoCropLoader loader, MoCoTrainer trainer, Job job)
    {
        MoCoOptions options = trainer.Options;
        if (job.Budget is null && data.HoldsOut)
            yield return "note: --hold-out 0 trains on the images that are held out, too.";
        string width = options.Encoder.Width == 1 ? "" : $" of width {Values.Text(options.Encoder.Width)}";
        string length = options.Duration is { } asked ? $"{Budget.Text(asked)} of training in epochs"
            : Counted.Of(options.Epochs, "epoch");
        string dictionary = options.Method switch
        {
            MethodKind.MoCo => $"K {options.Queue.Length:N0}, ",
            MethodKind.MemoryBank => $"{options.MemoryBank.Negatives:N0} of {options.MemoryBank.Samples:N0} rows a step, ",
            MethodKind.ContrastiveClustering => $"{options.Clustering.Clusters:N0} clusters, ",
            _ => "",
        };
        dictionary += string.Concat(Changes(options).Select(change => $"{change}, "));
        string method = options.Method == MethodKind.MoCo ? "" : $"{Values.Text(options.Method)}: ";
        yield return $"{method}{Values.Text(options.Encoder.Backbone)}{width}, {Values.Text(options.Encoder.Head)} head, {dictionary}τ "
            + $"{Values.Text(options.Loss.Temperature)}, batch {options.BatchSize}, {length} of "
            + $"{Counted.Of(loader.BatchesPerEpoch, "step")}; {Counted.Of(plan.Threads, "thread")}, {plan.Device}.";
        if (plan.KeyViews is { } key && key != plan.Views && plan.Views is { } query)
            yield return $"Views: {Values.Text(query)} for queries, {Values.Text(key)} for keys.";
        if (options.Method == MethodKind.MoCo && options.Queue.Length >= data.Count)
        {
            string queue = $"note: the queue of {options.Queue.Length:N0} keys is not shorter than the {data.Count:N0} images";
            yield return options.Queue.LeaveOut == KeyExclusion.None
                ? $"{queue}, so an image meets itself among its negatives; --queue {Fitting(data.Count, options.BatchSize)} avoids it."
                : $"{queue}; keys of the query's own image are left out of its negatives (--{Settings.LeaveOut} none keeps them).";
        }
        if (trainer.Group.Size is > 1 and int processes)
            yield return $"{processes} processes train together, each with {options.BatchSize / processes} of a batch's images"
                + $"{(data.Count % processes == 0 ? "" : $" ({data.Count % processes} images are left out of each epoch)")}.";
        int left = Math.Max(1, data.Views.Query.OutputSize / 32);
        if (data.Views.Query.OutputSize <= SmallView && trainer.QueryEncoder.Backbone is ResNet && options.Encoder.Stem == Stem.ImageNet)
            yield return $"note: the stem for large images leaves {left}×{left} of a view of "
                + $"{data.Views.Query.OutputSize}; --stem smallimage is meant for these.";
        if (plan.Preset == Plan.V3 && Transformers.Contains(options.Encoder.Backbone))
            yield return $"note: --preset {Plan.V3ViT} has MoCo v3's recipe for vision transformers; v3's is for ResNets.";
        if (trainer.StepCount == 0) yield break;
        string stands = $"step {trainer.StepCount:N0}, in epoch {Epoch(trainer)}";
        yield return (trainer.IsDone, options.Duration) switch
        {
            (false, null) => $"Going on at {stands}.",
            (false, { } time) => $"Going on at {stands}, after {Budget.Text(trainer.TimeSpent)} of {Budget.Text(time)} of training.",
            (true, null) => $"{Counted.Of(options.Epochs, "epoch is", "epochs are")} done already: only measuring; --epochs N, the number "
                + "in all, trains on.",
            (true, { } time) => $"The {Budget.Text(time)} of training are over already: only measuring; {job.MoreTime} trains on.",
        };
    }

    /// <summary>The epoch under way, from 1, and of how many where that is known.</summary>
    public static string Epoch(MoCoTrainer trainer) =>
        trainer.Options.Duration is not null ? $"{trainer.Epoch + 1}"
            : $"{Math.Min(trainer.Epoch + 1, trainer.Options.Epochs)} of {trainer.Options.Epochs}";

    private static long Fitting(long images, int batch) => Math.Max(batch, 1L << (int)Math.Log2(Math.Max(2, images / 2)));
}
