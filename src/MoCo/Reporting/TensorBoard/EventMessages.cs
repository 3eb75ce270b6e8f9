using MoCo.Evaluation.Diagnostics;

namespace MoCo.Reporting.TensorBoard;

/// <summary>The messages of TensorBoard's event files (its event.proto, summary.proto and tensor.proto); the numbers are theirs.</summary>
internal static class EventMessages
{
    private const long StringType = 7, FloatType = 1, SessionStart = 1;

    public static ProtobufMessage FileVersion(double time) => new ProtobufMessage().Double(1, time).Text(3, "brain.Event:2");

    /// <summary>Tells readers to forget what earlier files of the folder say of this step and later ones.</summary>
    public static ProtobufMessage Restart(double time, long step)
        => new ProtobufMessage().Double(1, time).Number(2, step).Message(7, new ProtobufMessage().Number(1, SessionStart));

    public static ProtobufMessage Event(double time, long step, params ReadOnlySpan<ProtobufMessage> values)
    {
        ProtobufMessage summary = new();
        foreach (ProtobufMessage value in values) summary.Message(1, value);
        return new ProtobufMessage().Double(1, time).Number(2, step).Message(5, summary);
    }

    public static ProtobufMessage Scalar(string tag, double value) => new ProtobufMessage().Text(1, tag).Float(2, (float)value);

    public static ProtobufMessage Image(string tag, int width, int height, ReadOnlySpan<byte> encoded)
    {
        const long Rgb = 3;
        return new ProtobufMessage().Text(1, tag)
            .Message(4, new ProtobufMessage().Number(1, height).Number(2, width).Number(3, Rgb).Content(4, encoded));
    }

    public static ProtobufMessage Text(string tag, string markdown)
    {
        ProtobufMessage tensor = new ProtobufMessage().Number(1, StringType).Message(2, Shape(1)).Text(8, markdown);
        return new ProtobufMessage().Text(1, tag).Message(9, Plugin("text", [])).Message(8, tensor);
    }

    public static ProtobufMessage Histogram(string tag, Histogram histogram, double most, double squares)
    {
        long total = histogram.Total;
        IEnumerable<double> ends = Enumerable.Range(1, histogram.Counts.Count).Select(histogram.Edge);
        ProtobufMessage content = new ProtobufMessage()
            .Double(1, histogram.Lowest).Double(2, most).Double(3, total).Double(4, total == 0 ? 0 : total * histogram.Mean)
            .Double(5, squares).Doubles(6, [.. ends]).Doubles(7, [.. histogram.Counts.Select(count => (double)count)]);
        return new ProtobufMessage().Text(1, tag).Message(5, content);
    }

    /// <summary>A value that only carries a plugin's own message. Readers want a tensor in it all the same.</summary>
    public static ProtobufMessage PluginData(string tag, string plugin, ProtobufMessage content)
    {
        ProtobufMessage nothing = new ProtobufMessage().Number(1, FloatType).Message(2, Shape(1)).Float(5, 0);
        return new ProtobufMessage().Text(1, tag).Message(9, Plugin(plugin, content.Bytes)).Message(8, nothing);
    }

    private static ProtobufMessage Plugin(string name, ReadOnlySpan<byte> content)
        => new ProtobufMessage().Message(1, new ProtobufMessage().Text(1, name).Content(2, content));

    private static ProtobufMessage Shape(long size) => new ProtobufMessage().Message(2, new ProtobufMessage().Number(1, size));
}
