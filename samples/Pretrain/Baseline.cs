namespace Pretrain;

/// <summary>What there is to beat, measured before training: kNN accuracy in percent.</summary>
/// <param name="Untrained">Of the encoder before its first step: the same seed gives the same weights.</param>
/// <param name="Measuring">What it takes to measure an encoder both ways, as is done again at the end.</param>
internal sealed record Baseline(double Pixels, double Untrained, double QuickPixels, double QuickUntrained, TimeSpan Measuring)
{
    public static Baseline Measure(KnnMeasurement whole, MoCoOptions options)
    {
        using Encoder untrained = Encoder.Create(options.Encoder, options.Precision, options.Seed);
        KnnMeasurement quick = whole.Quick();
        double quickPixels = quick.Pixels(), quickUntrained = quick.Of(untrained).Knn;
        double pixels = whole.Pixels(), before = whole.Of(untrained).Knn;
        return new Baseline(pixels, before, quickPixels, quickUntrained, whole.Elapsed + quick.Elapsed);
    }
}
