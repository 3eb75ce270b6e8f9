using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;
using static TorchSharp.torch;

namespace Pretrain;

/// <summary>A quick look at what the features are worth while they are learnt: kNN accuracy over a part of the images.</summary>
internal sealed class KnnMonitor(IImageSource bank, IImageSource queries, AugmentationRecipe views, int neighbours, Device device, CancellationToken stop)
{
    private const int MostVoting = 10_000, MostAsked = 2_000;

    private readonly ImageSubset voting = Part(bank, MostVoting), asked = Part(queries, MostAsked);

    public static KnnMonitor? For(DataSet data, Plan plan, Device device, CancellationToken stop) =>
        data.Bank is { } bank && data.Queries is { } queries ? new KnnMonitor(bank, queries, data.Views.ForEvaluation(), plan.KnnNeighbours, device, stop) : null;

    /// <summary>As many as asked for, or half a class where classes are small.</summary>
    public int Neighbours { get; } = Math.Clamp(Math.Min(bank.Count, MostVoting) / Math.Max(1, bank.Classes.Count) / 2, 1, neighbours);

    /// <summary>Accuracy in percent.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public double Of(Encoder encoder)
    {
        using FeatureSet votes = FeatureExtractor.Extract(encoder.Backbone, voting, views, device: device, cancellationToken: stop);
        using FeatureSet questions = FeatureExtractor.Extract(encoder.Backbone, asked, views, device: device, cancellationToken: stop);
        return 100 * KnnClassifier.Evaluate(votes, questions, new KnnOptions { Neighbours = Neighbours }, stop).Top1;
    }

    // Spread over the source: images of a folder lie class by class.
    private static ImageSubset Part(IImageSource source, int most)
    {
        int count = Math.Min(most, source.Count);
        return new ImageSubset(source, Enumerable.Range(0, count).Select(i => (int)((long)i * source.Count / count)));
    }
}
