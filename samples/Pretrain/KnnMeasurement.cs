using System.Diagnostics;
using MoCo.Distributed;
using MoCo.Evaluation;
using MoCo.Evaluation.Neighbours;

namespace Pretrain;

/// <summary>kNN accuracy in percent: labelled images vote (cosine, temperature 0.1) on others that were not learnt from; and on the same
/// images the online probe's.</summary>
internal sealed class KnnMeasurement(
    IImageSource bank, IImageSource queries, AugmentationRecipe views, Plan plan, Device device, CancellationToken stop,
    KnnMeasurement? whole = null, ProcessGroup? group = null)
{
    private const int MostVoting = 10_000, MostAsked = 2_000;

    /// <summary>The measurement that the labels allow; null: none.</summary>
    /// <param name="group">The processes that share the work; of several all measure at the same time, and rank 0 has the figures.</param>
    public static KnnMeasurement? For(DataSet data, Plan plan, Device device, CancellationToken stop, ProcessGroup? group = null) =>
        data is { Bank: { } bank, Queries: { } queries }
            ? new KnnMeasurement(bank, queries, data.Views.Query.ForEvaluation(), plan, device, stop, group: group)
            : null;

    /// <summary>As many as asked for, or half a class where classes are small.</summary>
    public int Neighbours { get; } = Math.Clamp(bank.Count / Math.Max(1, bank.Classes.Count) / 2, 1, plan.KnnNeighbours);

    /// <summary>What it is called where its figure is shown: a part of the images is not all of them.</summary>
    public string Called { get; }
        = $"{(IsPart(queries, whole?.Asked) || IsPart(bank, whole?.Voting) ? "quick look at " : "")}"
            + $"{Share(queries, whole?.Asked)} images, {Share(bank, whole?.Voting)} voting";

    /// <summary>What the latest measurement took.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>The same on a part of the images: a quick look during training.</summary>
    public KnnMeasurement Quick() =>
        new(bank.Spread(MostVoting), queries.Spread(MostAsked), views, plan, device, stop, whole: this, group);

    private IImageSource Asked => queries;

    private IImageSource Voting => bank;

    /// <summary>The accuracy of the pixels themselves.</summary>
    public double Pixels() => Measure(source => FeatureSet.Pixels(
        source, views.OutputSize, plan.LookWorkers ?? plan.Workers, maximumErrorShare: plan.MaximumErrorShare,
        cancellationToken: stop)).Knn;

    /// <summary>The accuracy of an encoder's features, and of the probe that learned from them, where there is one; not numbers on another
    /// rank than 0.</summary>
    public (double Knn, double? Probe) Of(Encoder encoder, Func<FeatureSet, Accuracy?>? probe = null) => group is not { Size: > 1 }
        ? Measure(source => Features(encoder.Backbone, source, views, plan, device, stop), probe)
        // One rank that stopped here would leave the others waiting.
        : Measure(source => FeatureSet.ExtractTogether(group, encoder.Backbone, source, views, device: device,
            workers: plan.LookWorkers ?? plan.Workers, maximumErrorShare: plan.MaximumErrorShare), probe);

    /// <summary>Features of images, of which as many may be unreadable as the plan says.</summary>
    public static FeatureSet Features(
        nn.Module<Tensor, Tensor> network, IImageSource source, AugmentationRecipe views, Plan plan, Device device,
        CancellationToken stop) =>
        FeatureSet.Extract(
            network, source, views, device: device, workers: plan.LookWorkers ?? plan.Workers,
            maximumErrorShare: plan.MaximumErrorShare, cancellationToken: stop);

    private static bool IsPart(IImageSource part, IImageSource? whole) => part.Count < whole?.Count;

    private static string Share(IImageSource part, IImageSource? whole) =>
        IsPart(part, whole) ? $"{part.Count:N0} of {whole!.Count:N0}" : $"{part.Count:N0}";

    private (double Knn, double? Probe) Measure(
        Func<IImageSource, FeatureSet?> extract, Func<FeatureSet, Accuracy?>? probe = null)
    {
        long started = Stopwatch.GetTimestamp();
        using FeatureSet? votes = extract(bank), asked = extract(queries);
        if (votes is null || asked is null) return (double.NaN, null);
        // Fewer may be left where many can't be read.
        int neighbours = Math.Min(Neighbours, votes.Count);
        double knn = 100 * KnnClassifier.Evaluate(votes, asked, neighbours, cancellationToken: stop).Top1;
        double? probed = 100 * probe?.Invoke(asked)?.Top1;
        Elapsed = Stopwatch.GetElapsedTime(started);
        return (knn, probed);
    }
}
