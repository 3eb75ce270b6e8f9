using System.Text;
using MoCo.Tensors;

namespace MoCo.Interop.PyTorch;

/// <summary>A function that a pickle may call: one of this reader's own, never the file's.</summary>
internal sealed record PickleFunction(Func<object?[], object?> Call);

/// <summary>The only names of Python's that a checkpoint may use, and what this reader does for each. Nothing of Python's runs.</summary>
internal sealed class TorchGlobals(TensorSource source)
{
    /// <exception cref="FormatException">The name is not allowed.</exception>
    public object? Find(string module, string name, bool isWhole)
    {
        if (module is "torch" or "torch.cuda" or "torch.storage")
        {
            if (name is "UntypedStorage" or "_UntypedStorage") return new TorchStorageClass(TorchElement.Byte);
            if (TorchElement.OfStorage(name) is { } element) return new TorchStorageClass(element);
        }
        if (module == "torch" && TorchElement.OfName(name) is { } type) return type;
        return (module, name) switch
        {
            ("torch._utils", "_rebuild_tensor" or "_rebuild_tensor_v2") => new PickleFunction(source.Rebuild),
            ("torch._utils", "_rebuild_tensor_v3") => new PickleFunction(source.RebuildTyped),
            ("torch._utils", "_rebuild_parameter") => new PickleFunction(Parameter),
            ("collections", "OrderedDict") => new PickleFunction(Dictionary),
            ("torch", "Size") or ("__builtin__" or "builtins", "tuple") => new PickleFunction(Tuple),
            ("__builtin__" or "builtins", "set" or "frozenset" or "list") => new PickleFunction(List),
            ("__builtin__" or "builtins", "bytearray") or ("_codecs", "encode") => new PickleFunction(Bytes),
            ("torch", "device") => new PickleFunction(Device),
            _ => throw new FormatException($"it names '{module}.{name}', which is not allowed: "
                + $"{(isWhole ? "the file is a whole pickled module or other object, and " : "")}"
                + "this reader builds tensors, containers and plain values, and runs nothing. "
                + "If you trust the file, keep its tensors only, in Python: torch.save("
                + (isWhole ? "torch.load(path, map_location='cpu').state_dict(), new_path)"
                    : "{'state_dict': torch.load(path, map_location='cpu')['state_dict']}, new_path), "
                        + "or ['model'].state_dict() where it holds a module")),
        };
    }

    private static StoredTensor Parameter(object?[] arguments)
        => arguments is [StoredTensor tensor, ..]
            ? tensor
            : throw new FormatException("it makes a parameter of something that is no tensor");

    private static OrderedDictionary<object, object?> Dictionary(object?[] arguments)
    {
        OrderedDictionary<object, object?> dictionary = Unpickler.NewDictionary();
        if (arguments is []) return dictionary;
        if (arguments is not [List<object?> pairs])
            throw new FormatException("it makes an OrderedDict of something that is no list of pairs");
        foreach (object? pair in pairs)
        {
            // Python 2 wrote the pairs as lists.
            object?[]? entry = pair as object?[] ?? (pair as List<object?>)?.ToArray();
            if (entry is not [string or long, _])
                throw new FormatException("it makes an OrderedDict of something that is no pair of a key and a value");
            dictionary[entry[0]!] = entry[1];
        }
        return dictionary;
    }

    private static object?[] Tuple(object?[] arguments) => arguments switch
    {
        [object?[] items] => items,
        [List<object?> items] => [.. items],
        [] => [],
        _ => throw new FormatException("it makes a tuple of something that is no sequence"),
    };

    private static List<object?> List(object?[] arguments) => [.. Tuple(arguments)];

    private static byte[] Bytes(object?[] arguments) => arguments switch
    {
        [string text, "latin1" or "latin-1"] when text.All(c => c <= 0xFF) => Encoding.Latin1.GetBytes(text),
        [byte[] bytes] => bytes,
        [] => [],
        _ => throw new FormatException("it makes bytes of something that is no Latin-1 text"),
    };

    private static string Device(object?[] arguments) => arguments switch
    {
        [string type] => type,
        [string type, long index] => $"{type}:{index}",
        _ => throw new FormatException("it names a device by something that is no text"),
    };
}
