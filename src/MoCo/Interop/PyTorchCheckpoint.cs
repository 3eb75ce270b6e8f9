using System.Collections;
using System.Globalization;
using MoCo.Files;
using MoCo.Interop.Pickle;

namespace MoCo.Interop;

/// <summary>
/// A file of Python's <c>torch.save</c> open for reading, in the zip format (PyTorch 1.6 and later) or in the legacy one,
/// which the released MoCo files have. The pickle in it is read by a machine that builds tensors, containers and plain
/// values and refuses everything else by name: a file that would run code in Python runs nothing here. Sizes, offsets and
/// strides are checked before memory is taken; numbers are read when asked for.
/// </summary>
public sealed class PyTorchCheckpoint : IDisposable
{
    private const int DepthLimit = 100, ContainerLimit = 100_000;
    private readonly DataFile file;

    private PyTorchCheckpoint(DataFile file, object? root)
    {
        this.file = file;
        Root = root;
        var tensors = new OrderedDictionary<string, StoredTensor>(StringComparer.Ordinal);
        int containers = 0;
        Flatten("", root, 0);
        Tensors = tensors;

        void Flatten(string name, object? value, int depth)
        {
            if (value is StoredTensor tensor) tensors.TryAdd(name, tensor);
            if (value is not (OrderedDictionary<object, object?> or List<object?> or object?[])) return;
            // A list that holds itself, or one list a million times.
            if (depth > DepthLimit || ++containers > ContainerLimit) throw new FormatException($"its containers are nested deeper than {DepthLimit}, hold themselves, or are more than {ContainerLimit}");
            string prefix = name.Length == 0 ? "" : name + ".";
            if (value is OrderedDictionary<object, object?> dictionary)
            {
                foreach ((object key, object? item) in dictionary)
                    if (item is StoredTensor or ICollection) Flatten(prefix + Convert.ToString(key, CultureInfo.InvariantCulture), item, depth + 1);
                return;
            }
            var items = (IList)value;
            for (int i = 0; i < items.Count; i++)
                if (items[i] is StoredTensor or ICollection) Flatten(prefix + i.ToString(CultureInfo.InvariantCulture), items[i], depth + 1);
        }
    }

    /// <summary>
    /// What was saved: null, <see cref="bool"/>, <see cref="long"/>, <see cref="System.Numerics.BigInteger"/>, <see cref="double"/>,
    /// <see cref="string"/> (also devices), <c>byte[]</c>, <c>object?[]</c> for tuples, <c>List&lt;object?&gt;</c> for lists and sets,
    /// <c>OrderedDictionary&lt;object, object?&gt;</c> for dictionaries, <see cref="StoredTensor"/> for tensors.
    /// </summary>
    public object? Root { get; }

    /// <summary>Every tensor by its path through dictionaries and lists, joined with dots: <c>state_dict.module.encoder_q.conv1.weight</c>.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Tensors { get; }

    /// <summary>Opens a file and reads its pickle.</summary>
    /// <param name="path">The file: <c>.pth</c>, <c>.pt</c>, <c>.pth.tar</c>, <c>.ckpt</c>.</param>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is damaged, is no PyTorch file, or names something of Python's that is not allowed.</exception>
    public static PyTorchCheckpoint Open(string path)
    {
        DataFile file = DataFile.Open(path);
        try
        {
            Span<byte> start = stackalloc byte[2];
            if (file.Length < 16) throw new FormatException($"it has {file.Length} bytes");
            file.Read(0, start);
            object? root = start switch
            {
                [(byte)'P', (byte)'K'] => TorchZip.Read(file),
                [0x80, _] => TorchLegacy.Read(file),
                _ => throw new FormatException("it is neither a zip nor a pickle"),
            };
            return new PyTorchCheckpoint(file, root);
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or OverflowException)
        {
            file.Dispose();
            throw new InvalidDataException($"{path} is not a PyTorch file that can be read: {e.Message}.", e);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
