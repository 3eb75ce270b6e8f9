using MoCo.Encoders;

namespace MoCo.Interop.Onnx;

/// <summary>The text entries of a model, for the program that feeds it: <c>architecture</c>, <c>stem</c>, <c>output</c>,
/// <c>l2_normalized</c>, <c>input_channels</c> (RGB or grey), <c>input_size</c> (H×W, or any), and, where the normalisation is known,
/// <c>input_mean</c> and <c>input_std</c> of each channel on the scale 0 … 1: an image's bytes enter as (value / 255 − mean) /
/// std.</summary>
internal static class OnnxMetadata
{
    public static IReadOnlyList<(string Key, string Value)> Of(ResNet backbone, OnnxExportOptions options, string output)
    {
        EncoderOptions network = backbone.Options;
        List<(string, string)> entries = new()
        {
            ("architecture", network.Backbone.ToString()),
            ("width", network.Width.ToString(CultureInfo.InvariantCulture)),
            ("stem", network.Stem.ToString()),
            ("output", output),
            ("l2_normalized", options.L2Normalize ? "true" : "false"),
            ("input_channels", network.InputChannels == 3 ? "RGB" : "grey"),
            ("input_size", $"{Size(options.Height)}x{Size(options.Width)}"),
        };
        if (options.Normalization is { } normalization)
        {
            entries.Add(("input_mean", Channels(normalization.Mean, network.InputChannels)));
            entries.Add(("input_std", Channels(normalization.Deviation, network.InputChannels)));
        }
        return entries;
    }

    private static string Size(int? pixels) => pixels?.ToString(CultureInfo.InvariantCulture) ?? "any";

    // One statistic for all channels is written out for each, so that readers need no rule for it.
    private static string Channels(IReadOnlyList<double> values, int channels) => string.Join(",", Enumerable.Range(0, channels)
        .Select(c => values[Math.Min(c, values.Count - 1)].ToString("R", CultureInfo.InvariantCulture)));
}
