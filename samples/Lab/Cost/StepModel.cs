namespace Lab.Cost;

/// <summary>What a step of any batch takes, from measured ones: a part for every step and one for each image, of memory and of time,
/// fitted so that relative errors count. The part of memory for every step is the process without an encoder, what can be counted
/// (<see cref="StepMeasure.CountedMb"/>) and the libraries' work space; the part for an image its activations and views.</summary>
internal sealed class StepModel
{
    private readonly (double Fixed, double Image) mb, seconds;

    /// <param name="points">One measured point or more; of a single one, the counted part and no time are taken for the fixed ones.</param>
    public StepModel(IReadOnlyList<(int Batch, StepMeasure Measure)> points)
    {
        CountedMb = points.Average(point => point.Measure.BaseMb + point.Measure.CountedMb);
        mb = Fit(points, measure => measure.PeakMb, CountedMb);
        seconds = Fit(points, measure => measure.Seconds, 0);
    }

    /// <summary>The process without an encoder, and what can be counted of one.</summary>
    public double CountedMb { get; }

    /// <summary>What a step of any batch takes.</summary>
    public double FixedMb => mb.Fixed;

    public double Mb(int batch) => mb.Fixed + mb.Image * batch;

    public double Seconds(int batch) => seconds.Fixed + seconds.Image * batch;

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

    /// <summary>The least squares of (fixed + image·batch) / value − 1; a fixed part below 0 is none.</summary>
    private static (double Fixed, double Image) Fit(
        IReadOnlyList<(int Batch, StepMeasure Measure)> points, Func<StepMeasure, double> value, double single)
    {
        (double u, double v)[] rows = [.. points.Select(point => (1 / value(point.Measure), point.Batch / value(point.Measure)))];
        double uu = rows.Sum(row => row.u * row.u), uv = rows.Sum(row => row.u * row.v), vv = rows.Sum(row => row.v * row.v);
        double one = rows.Sum(row => row.u), two = rows.Sum(row => row.v);
        double part = points.Count == 1 ? single : Math.Max(0, (one * vv - two * uv) / (uu * vv - uv * uv));
        return (part, (two - part * uv) / vv);
    }
}
