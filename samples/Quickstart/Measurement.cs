using System.Diagnostics;
using MoCo.Data;
using MoCo.Encoders;
using MoCo.Evaluation;

namespace Quickstart;

/// <summary>kNN accuracy in percent: the training pictures vote (k 200, temperature 0.1, cosine) on the test pictures.</summary>
internal sealed class Measurement(IImageSource bank, IImageSource queries, CancellationToken stop)
{
    public const int Neighbours = 200;
    private const int MonitorBank = 10_000, MonitorQueries = 2_000;

    /// <summary>The same measurement on a part of the pictures: a quick look during training.</summary>
    public Measurement Monitor() => new(new FirstPictures(bank, MonitorBank), new FirstPictures(queries, MonitorQueries), stop);

    /// <summary>What the latest measurement took.</summary>
    public double Seconds { get; private set; }

    /// <summary>The accuracy of the pixels themselves.</summary>
    public double Pixels() => Measure(source => RawPixels.Extract(source, Recipe.ViewSize, cancellation: stop));

    /// <summary>The accuracy of an encoder's features.</summary>
    public double Of(Encoder encoder) => Measure(source => FeatureExtractor.Extract(encoder.Backbone, source, Recipe.Views.ForEvaluation(), cancellation: stop));

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
