using System.Collections;
using MoCo.Tensors;

namespace MoCo.Interop.PyTorch;

/// <summary>A file of Python's <c>torch.save</c> open for reading, in the zip format (PyTorch 1.6 and later) or in the legacy one, which
/// the released MoCo files have. The pickle in it is read by a machine that builds tensors, containers and plain values and refuses
/// everything else by name: a file that would run code in Python runs nothing here. Sizes, offsets and strides are checked before memory is
/// taken; numbers are read when asked for.</summary>
internal sealed class PyTorchCheckpoint : IDisposable
{
    private const int DepthLimit = 100, ContainerLimit = 100_000;
    private readonly DataFile file;
    private readonly OrderedDictionary<string, StoredTensor> tensors = new(StringComparer.Ordinal);
    private int containers;

    private PyTorchCheckpoint(DataFile file, string format, object? root)
    {
        (this.file, Format, Root) = (file, format, root);
        Flatten("", root, 0);
    }

    public string Format { get; }

    /// <summary>What was saved, see <see cref="WeightFile.Root"/>.</summary>
    public object? Root { get; }

    /// <summary>Every tensor by its path through dictionaries and lists: <c>state_dict.module.encoder_q.conv1.weight</c>.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors => tensors;

    public static PyTorchCheckpoint Open(string path) => DataFile.Open(path).HandTo(file =>
    {
        try
        {
            Span<byte> start = stackalloc byte[2];
            if (file.Length < 16) throw new FormatException($"it has {file.Length} bytes");
            file.Read(0, start);
            return start switch
            {
                [(byte)'P', (byte)'K'] => new PyTorchCheckpoint(file, "PyTorch, zip (1.6 and later)", TorchZip.Read(file)),
                [0x80, _] => new PyTorchCheckpoint(file, "PyTorch, legacy (before 1.6)", TorchLegacy.Read(file)),
                _ => throw new FormatException("it is neither a zip nor a pickle"),
            };
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"{path} is not a PyTorch file that can be read: {e.Message}.", e);
        }
    });

    public void Dispose() => file.Dispose();

    private void Flatten(string name, object? value, int depth)
    {
        if (value is StoredTensor tensor && !tensors.TryAdd(name, tensor))
            throw new FormatException($"it has two tensors at '{name}', by one name with dots and by dictionaries");
        if (value is not (OrderedDictionary<object, object?> or List<object?> or object?[])) return;
        // A list that holds itself, or one list a million times.
        if (depth > DepthLimit || ++containers > ContainerLimit)
        {
            throw new FormatException(
                $"its containers are nested deeper than {DepthLimit}, hold themselves, or are more than {ContainerLimit}");
        }
        IEnumerable<(object Key, object? Value)> items = value is OrderedDictionary<object, object?> dictionary
            ? dictionary.Select(entry => (entry.Key, entry.Value))
            : ((IEnumerable<object?>)value).Select((item, i) => ((object)i, item));
        string prefix = name.Length == 0 ? "" : name + ".";
        foreach ((object key, object? item) in items)
            if (item is StoredTensor or ICollection) Flatten(prefix + Convert.ToString(key, CultureInfo.InvariantCulture), item, depth + 1);
    }
}
