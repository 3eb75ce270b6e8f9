using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting;

/// <summary>
/// The messages of TensorBoard's event files (its event.proto, summary.proto and tensor.proto); the numbers are theirs.
/// </summary>
internal static class EventMessages
{
    private const long StringType = 7, FloatType = 1, SessionStart = 1;

    public static byte[] FileVersion(double time) => new Message().Add(1, time).Add(3, "brain.Event:2").ToArray();

    /// <summary>Tells readers to forget what earlier files of the folder say of this step and later ones.</summary>
    public static byte[] Restart(double time, long step) => new Message().Add(1, time).Add(2, step).Add(7, new Message().Add(1, SessionStart)).ToArray();

    public static byte[] Event(double time, long step, params ReadOnlySpan<Message> values)
    {
        var summary = new Message();
        foreach (Message value in values) summary.Add(1, value);
        return new Message().Add(1, time).Add(2, step).Add(5, summary).ToArray();
    }

    public static Message Scalar(string tag, double value) => new Message().Add(1, tag).Add(2, (float)value);

    public static Message Image(string tag, int width, int height, ReadOnlySpan<byte> encoded)
    {
        const long Rgb = 3;
        return new Message().Add(1, tag).Add(4, new Message().Add(1, (long)height).Add(2, (long)width).Add(3, Rgb).Add(4, encoded));
    }

    public static Message Text(string tag, string markdown)
    {
        Message tensor = new Message().Add(1, StringType).Add(2, Shape(1)).Add(8, markdown);
        return new Message().Add(1, tag).Add(9, Plugin("text", [])).Add(8, tensor);
    }

    /// <param name="tag">The name.</param>
    /// <param name="least">Least value, the left end of the first bin.</param>
    /// <param name="most">Greatest value.</param>
    /// <param name="sum">Sum of the values.</param>
    /// <param name="squares">Sum of their squares.</param>
    /// <param name="ends">Right end of each bin.</param>
    /// <param name="counts">Values in each bin.</param>
    public static Message Histogram(string tag, double least, double most, double sum, double squares, IReadOnlyCollection<double> ends, IReadOnlyCollection<long> counts)
    {
        Message histogram = new Message().Add(1, least).Add(2, most).Add(3, (double)counts.Sum()).Add(4, sum).Add(5, squares)
            .AddPacked(6, ends).AddPacked(7, [.. counts.Select(count => (double)count)]);
        return new Message().Add(1, tag).Add(5, histogram);
    }

    /// <summary>A value that only carries a plugin's own message. Readers want a tensor in it all the same.</summary>
    public static Message PluginData(string tag, string plugin, byte[] content)
    {
        Message nothing = new Message().Add(1, FloatType).Add(2, Shape(1)).Add(5, 0f);
        return new Message().Add(1, tag).Add(9, Plugin(plugin, content)).Add(8, nothing);
    }

    private static Message Plugin(string name, byte[] content) => new Message().Add(1, new Message().Add(1, name).Add(2, content));

    private static Message Shape(long size) => new Message().Add(2, new Message().Add(1, size));
}
