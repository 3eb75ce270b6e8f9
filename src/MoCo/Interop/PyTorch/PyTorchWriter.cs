using System.Collections;
using System.IO.Compression;
using MoCo.Tensors;

namespace MoCo.Interop.PyTorch;

/// <summary>Writes files that Python's <c>torch.load</c> reads (PyTorch 1.6 and later): the zip format. <c>weights_only=True</c> takes them
/// too, but in PyTorch 1.13 only without floating-point numbers outside tensors.</summary>
internal static class PyTorchWriter
{
    /// <summary>Writes a file, atomically.</summary>
    /// <param name="path">The file to make or replace.</param>
    /// <param name="content">Names and values: null, bool, numbers, text, <see cref="Tensor"/>s (any device, any strides), and
    /// dictionaries, lists and tuples (<c>object?[]</c>) of those, as <see cref="PyTorchCheckpoint.Root"/> gives them.</param>
    /// <exception cref="IOException">The file can't be written; the old one stands.</exception>
    /// <exception cref="NotSupportedException">There is a value of another type; no file is made.</exception>
    public static void Write(string path, IDictionary content)
    {
        OrderedDictionary<Tensor, string> tensors = new(ReferenceEqualityComparer.Instance);
        using MemoryStream pickle = new();
        using BinaryWriter binary = new(pickle);
        PickleWriter writer = new(binary, WriteTensor);
        writer.Start();
        writer.Value(content);
        writer.Stop();

        AtomicFile.Write(path, stream =>
        {
            using ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true);
            Entry("data.pkl", entry => entry.Write(pickle.GetBuffer().AsSpan(0, (int)pickle.Length)));
            Entry("byteorder", entry => entry.Write("little"u8));
            foreach ((Tensor tensor, string key) in tensors)
            {
                Entry("data/" + key, entry =>
                {
                    using DisposeScope scope = NewDisposeScope();
                    using IDisposable _ = no_grad();
                    entry.WriteTensor(tensor.detach().cpu().contiguous());
                });
            }
            Entry("version", entry => entry.Write("3\n"u8));

            void Entry(string name, Action<Stream> write)
            {
                using Stream entry = zip.CreateEntry("archive/" + name, CompressionLevel.NoCompression).Open();
                write(entry);
            }
        });

        bool WriteTensor(PickleWriter to, object value)
        {
            if (value is not Tensor tensor) return false;
            TorchElement element = TorchElement.Of(tensor.dtype);
            if (!tensors.TryGetValue(tensor, out string? key)) tensors.Add(tensor, key = $"{tensors.Count}");
            long[] shape = tensor.shape, strides = new long[shape.Length];
            for (long i = shape.Length - 1, step = 1; i >= 0; step *= Math.Max(shape[i--], 1)) strides[i] = step;

            to.Global("torch._utils", "_rebuild_tensor_v2");
            to.Write("(("u8);
            to.Value("storage");
            to.Global("torch", element.Storage!);
            to.Value(key);
            to.Value("cpu");
            to.Value(tensor.NumberOfElements);
            to.Write("tQ"u8);
            to.Value(0);
            to.Tuple([.. shape]);
            to.Tuple([.. strides]);
            to.Value(false);
            to.Global("collections", "OrderedDict");
            to.Write(")RtR"u8);
            return true;
        }
    }
}
