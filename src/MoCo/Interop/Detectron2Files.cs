using MoCo.Encoders;
using MoCo.Files;
using MoCo.Interop.Pickle;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>Hands a backbone over to detectron2, for object detection.</summary>
public static class Detectron2Files
{
    /// <summary>
    /// Writes the backbone as detectron2's <c>MODEL.WEIGHTS</c> takes it: a pickle <c>{model, __author__, matching_heuristics}</c>
    /// of numpy arrays under detectron2's names (<c>stem.conv1.weight</c>, <c>res2.0.conv1.norm.bias</c>, <c>res2.0.shortcut.weight</c>
    /// …), as the official code's converter makes it. Python's <c>pickle.load</c> reads it where numpy is. Atomic.
    /// </summary>
    /// <param name="encoder">The encoder; its backbone is a <see cref="ResNet"/>.</param>
    /// <param name="path">The file to make or replace, <c>.pkl</c>.</param>
    /// <param name="author">What the file says of its origin.</param>
    /// <exception cref="NotSupportedException">The backbone is no <see cref="ResNet"/>.</exception>
    /// <exception cref="IOException">The file can't be written.</exception>
    public static void SaveDetectron2(this Encoder encoder, string path, string author = "MoCo for .NET")
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(author);
        if (encoder.Backbone is not ResNet) throw new NotSupportedException($"The backbone is a {encoder.Backbone.GetType().Name}; expected a {nameof(ResNet)}.");
        var model = new OrderedDictionary<string, object?>();
        foreach ((string name, Tensor tensor) in encoder.Backbone.state_dict())
            if (!name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)) model.Add(NameOf(name), tensor);

        AtomicFile.Write(path, stream =>
        {
            var pickle = new PickleWriter(stream, (writer, value) => value is Tensor tensor && WriteArray(writer, stream, tensor));
            // Protocol 3 has bytes: numbers in them are not spelled out as text.
            stream.Write([0x80, 3]);
            pickle.Value(new OrderedDictionary<string, object?> { ["model"] = model, ["__author__"] = author, ["matching_heuristics"] = true });
            pickle.Stop();
        });
    }

    /// <summary>detectron2's name for one of torchvision's.</summary>
    internal static string NameOf(string name)
    {
        string[] parts = name.Split('.');
        if (!parts[0].StartsWith("layer", StringComparison.Ordinal)) return "stem." + Normalisation(name);
        parts[0] = $"res{parts[0][^1] - '0' + 1}";
        string inner = string.Join('.', parts[2..])
            .Replace("downsample.0", "shortcut", StringComparison.Ordinal)
            .Replace("downsample.1", "shortcut.norm", StringComparison.Ordinal);
        return $"{parts[0]}.{parts[1]}.{Normalisation(inner)}";
    }

    private static string Normalisation(string name) => name.StartsWith("bn", StringComparison.Ordinal) ? $"conv{name[2]}.norm{name[3..]}" : name;

    /// <summary>
    /// <c>_reconstruct(ndarray, (0,), b"b")</c> and then its state <c>(1, shape, dtype, False, bytes)</c>: how numpy pickles an
    /// array, under the name that numpy 1 and 2 both know.
    /// </summary>
    private static bool WriteArray(PickleWriter writer, Stream stream, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor numbers = tensor.detach().cpu().to(ScalarType.Float32).contiguous();
        writer.Global("numpy.core.multiarray", "_reconstruct");
        writer.Operation((byte)'(');
        writer.Global("numpy", "ndarray");
        writer.Tuple([0]);
        writer.BytesHeader(1);
        stream.WriteByte((byte)'b');
        writer.Operation((byte)'t');
        writer.Operation((byte)'R');

        writer.Operation((byte)'(');
        writer.Value(1);
        writer.Tuple([.. numbers.shape.Select(d => (object)d)]);
        writer.Global("numpy", "dtype");
        writer.Tuple(["f4", false, true]);
        writer.Operation((byte)'R');
        writer.Tuple([3, "<", null, null, null, -1, -1, 0]);
        writer.Operation((byte)'b');
        writer.Value(false);
        writer.BytesHeader(numbers.NumberOfElements * sizeof(float));
        numbers.WriteBytesToStream(stream, 1 << 20);
        writer.Operation((byte)'t');
        writer.Operation((byte)'b');
        return true;
    }
}
