using MoCo;
using MoCo.Encoders;

namespace Quickstart;

/// <summary>What there is to beat, measured before training</summary>
/// <param name="Pixels">kNN accuracy of raw pixels, percent.</param>
/// <param name="Untrained">That of the encoder before its first step.</param>
/// <param name="MonitorPixels">Raw pixels by the quick measurement.</param>
/// <param name="MonitorUntrained">The untrained encoder by the quick measurement.</param>
/// <param name="Measuring">What it takes to measure an encoder both ways, as is done again at the end.</param>
internal sealed record Baseline(double Pixels, double Untrained, double MonitorPixels, double MonitorUntrained, TimeSpan Measuring)
{
    public static Baseline Measure(Measurement measurement, MoCoOptions options)
    {
        using Encoder untrained = Recipe.Untrained(options);
        Measurement monitor = measurement.Monitor();
        double monitorPixels = monitor.Pixels(), monitorUntrained = monitor.Of(untrained);
        double pixels = measurement.Pixels(), before = measurement.Of(untrained);
        return new Baseline(pixels, before, monitorPixels, monitorUntrained, TimeSpan.FromSeconds(measurement.Seconds + monitor.Seconds));
    }
}
