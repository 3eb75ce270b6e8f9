using System.Diagnostics;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation.Features;
using MoCo.Evaluation.Neighbours;

namespace Quickstart;

/// <summary>kNN accuracy in percent: the training images vote (temperature 0.1, cosine) on the test images.</summary>
internal sealed class Measurement(IImageSource bank, IImageSource queries, Recipe recipe, CancellationToken stop)
{
    /// <summary>The usual number.</summary>
    public const int MostNeighbours = 200;
    private const int MonitorBank = 10_000, MonitorQueries = 2_000;

    /// <summary>The same measurement on a part of the images: a quick look during training.</summary>
    public Measurement Monitor() => new(Part(bank, MonitorBank), Part(queries, MonitorQueries), recipe, stop);

    /// <summary>200, or half a class where classes are small.</summary>
    public int Neighbours { get; } = Math.Clamp(bank.Count / Math.Max(1, bank.Classes.Count) / 2, 1, MostNeighbours);

    /// <summary>What the latest measurement took.</summary>
    public double Seconds { get; private set; }

    /// <summary>The accuracy of the pixels themselves.</summary>
    public double Pixels() => Measure(source => FeatureExtractor.Pixels(source, recipe.ViewSize, cancellationToken: stop));

    /// <summary>The accuracy of an encoder's features.</summary>
    public double Of(Encoder encoder) => Measure(source => FeatureExtractor.Extract(encoder.Backbone, source, recipe.Views.ForEvaluation(), cancellationToken: stop));

    // Spread over the source: images of a folder lie class by class.
    private static ImageSubset Part(IImageSource source, int most)
    {
        int count = Math.Min(most, source.Count);
        return new ImageSubset(source, Enumerable.Range(0, count).Select(i => (int)((long)i * source.Count / count)));
    }

    private double Measure(Func<IImageSource, FeatureSet> extract)
    {
        long started = Stopwatch.GetTimestamp();
        using FeatureSet votes = extract(bank);
        using FeatureSet asked = extract(queries);
        double accuracy = 100 * KnnClassifier.Evaluate(votes, asked, new KnnOptions { Neighbours = Neighbours }, stop).Top1;
        Seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return accuracy;
    }
}
