using System.Globalization;
using MoCo.Reporting.Html;

namespace Quickstart;

/// <summary>The run's curve, kept as a CSV file that a resumed run adds to.</summary>
internal sealed class Curve
{
    private const string Header = "step,epoch,seconds,loss,contrast_accuracy,learning_rate,knn_monitor_percent";

    private readonly List<CurvePoint> points = [];

    public IReadOnlyList<CurvePoint> Points => points;

    /// <summary>Seconds of training that the curve covers.</summary>
    public double Seconds => points.Count == 0 ? 0 : points[^1].Seconds;

    public IEnumerable<CurvePoint> Losses => points.Where(point => point.Loss is not null);

    public IEnumerable<CurvePoint> Accuracies => points.Where(point => point.Knn is not null);

    public void Add(CurvePoint point) => points.Add(point);

    public void Write(string path) => WholeFile.Write(path, stream =>
    {
        using var writer = new StreamWriter(stream, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine(Header);
        foreach (CurvePoint point in points)
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{point.Step},{point.Epoch:F3},{point.Seconds:F1},{point.Loss:F4},{point.ContrastAccuracy:F4},{point.LearningRate:G5},{point.Knn:F2}"));
    });

    /// <summary>Reads the part of a curve that belongs to a checkpoint; nothing where the file is missing or foreign, since a
    /// curve is only for looking at.</summary>
    /// <param name="path">The CSV file.</param>
    /// <param name="upToStep">The checkpoint's step: later points are of steps that will be made again.</param>
    public static Curve Read(string path, long upToStep)
    {
        var curve = new Curve();
        if (!File.Exists(path)) return curve;
        string[] lines = File.ReadAllLines(path);
        if (lines.Length == 0 || lines[0] != Header) return curve;
        foreach (string line in lines.Skip(1))
        {
            if (Parse(line) is not { } point) return curve;
            if (point.Step <= upToStep) curve.Add(point);
        }
        return curve;
    }

    private static CurvePoint? Parse(string line)
    {
        double?[] values = [.. line.Split(',').Select(cell => double.TryParse(cell, CultureInfo.InvariantCulture, out double value) ? value : (double?)null)];
        return values is [{ } step, { } epoch, { } seconds, var loss, var accuracy, var rate, var knn]
            ? new CurvePoint((long)step, epoch, seconds, loss, accuracy, rate, knn)
            : null;
    }
}
