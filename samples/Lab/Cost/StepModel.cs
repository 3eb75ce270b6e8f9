namespace Lab.Cost;

/// <summary>What a step of any batch takes, from measured ones. Memory is what the process has before there is an encoder, plus what can be
/// counted (<see cref="StepMeasure.CountedMb"/>), plus the activations and views, which are linear in the batch: so many megabytes an
/// image, the least squares' fit to the measured points. Time is a part for each step and one for each image, fitted so that relative
/// errors count.</summary>
internal sealed class StepModel
{
    private readonly double fixedMb, imageMb, fixedSeconds, imageSeconds;

    /// <param name="points">One measured point or more.</param>
    public StepModel(IReadOnlyList<(int Batch, StepMeasure Measure)> points)
    {
        fixedMb = points.Average(point => point.Measure.BaseMb + point.Measure.CountedMb);
        imageMb = points.Sum(point => point.Batch * (point.Measure.PeakMb - fixedMb)) / points.Sum(point => Math.Pow(point.Batch, 2));
        // Σ ((a + c·b − t) / b)² in u = 1 / b: c + a·u ≈ t·u.
        double[] u = [.. points.Select(point => 1.0 / point.Batch)], speed = [.. points.Select((point, i) => point.Measure.Seconds * u[i])];
        double mean = u.Average(), spread = u.Sum(value => Math.Pow(value - mean, 2));
        fixedSeconds = spread > 0 ? Math.Max(0, u.Select((value, i) => (value - mean) * speed[i]).Sum() / spread) : 0;
        imageSeconds = speed.Average() - fixedSeconds * mean;
    }

    public double Mb(int batch) => fixedMb + imageMb * batch;

    public double Seconds(int batch) => fixedSeconds + imageSeconds * batch;

    /// <summary>The largest relative errors with which each measured point is predicted from the others; null where there are fewer than
    /// three.</summary>
    public static (double Mb, double Seconds)? Error(IReadOnlyList<(int Batch, StepMeasure Measure)> points)
    {
        if (points.Count < 3) return null;
        (double Mb, double Seconds)[] errors = [.. points.Select(point =>
        {
            StepModel model = new([.. points.Where(other => other.Batch != point.Batch)]);
            return (Off(model.Mb(point.Batch), point.Measure.PeakMb), Off(model.Seconds(point.Batch), point.Measure.Seconds));
        })];
        return (errors.Max(error => error.Mb), errors.Max(error => error.Seconds));

        static double Off(double predicted, double measured) => Math.Abs(predicted / measured - 1);
    }
}
