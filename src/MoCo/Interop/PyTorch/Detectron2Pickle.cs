using MoCo.Encoders;
using MoCo.Tensors;

namespace MoCo.Interop.PyTorch;

/// <summary>detectron2's file of weights, see <see cref="EncoderFiles.SaveDetectron2"/>.</summary>
internal static class Detectron2Pickle
{
    public static void Write(string path, Encoder encoder, string author)
    {
        if (encoder.Backbone is not ResNet)
            throw new NotSupportedException($"The backbone is a {encoder.Backbone.GetType().Name}; expected a {nameof(ResNet)}.");
        OrderedDictionary<string, object?> model = new();
        foreach ((string name, Tensor tensor) in encoder.Backbone.state_dict())
            if (!name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)) model.Add(NameOf(name), tensor);

        AtomicFile.Write(path, stream =>
        {
            using BinaryWriter binary = new(stream, System.Text.Encoding.UTF8, leaveOpen: true);
            PickleWriter pickle = new(binary, (writer, value) => value is Tensor tensor && WriteArray(writer, stream, tensor));
            // Protocol 3 has bytes: numbers in them are not spelled out as text.
            stream.Write([0x80, 3]);
            pickle.Value(new OrderedDictionary<string, object?>
            {
                ["model"] = model,
                ["__author__"] = author,
                ["matching_heuristics"] = true,
            });
            pickle.Stop();
        });
    }

    /// <summary>detectron2's name for one of torchvision's.</summary>
    private static string NameOf(string name)
    {
        string[] parts = name.Split('.');
        if (!parts[0].StartsWith("layer", StringComparison.Ordinal)) return "stem." + Normalization(name);
        string inner = string.Join('.', parts[2..])
            .Replace("downsample.0", "shortcut", StringComparison.Ordinal)
            .Replace("downsample.1", "shortcut.norm", StringComparison.Ordinal);
        return $"res{parts[0][^1] - '0' + 1}.{parts[1]}.{Normalization(inner)}";
    }

    private static string Normalization(string name)
        => name.StartsWith("bn", StringComparison.Ordinal) ? $"conv{name[2]}.norm{name[3..]}" : name;

    /// <summary><c>_reconstruct(ndarray, (0,), b"b")</c> and then its state <c>(1, shape, dtype, False, bytes)</c>: how numpy pickles an
    /// array, under the name that numpy 1 and 2 both know.</summary>
    private static bool WriteArray(PickleWriter writer, Stream stream, Tensor tensor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        Tensor numbers = tensor.detach().cpu().to(ScalarType.Float32).contiguous();
        writer.Global("numpy.core.multiarray", "_reconstruct");
        writer.Write("("u8);
        writer.Global("numpy", "ndarray");
        writer.Tuple([0]);
        writer.BytesHeader(1);
        writer.Write("btR("u8);
        writer.Value(1);
        writer.Tuple([.. numbers.shape]);
        writer.Global("numpy", "dtype");
        writer.Tuple(["f4", false, true]);
        writer.Write("R"u8);
        writer.Tuple([3, "<", null, null, null, -1, -1, 0]);
        writer.Write("b"u8);
        writer.Value(false);
        writer.BytesHeader(numbers.NumberOfElements * sizeof(float));
        stream.WriteTensor(numbers);
        writer.Write("tb"u8);
        return true;
    }
}
