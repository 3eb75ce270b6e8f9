using static TorchSharp.torch;

namespace MoCo.Interop;

/// <summary>Safetensors' names of the element types.</summary>
internal static class TensorType
{
    private static readonly (string Name, ScalarType Type, int Size)[] Known =
    [
        ("F64", ScalarType.Float64, 8), ("F32", ScalarType.Float32, 4), ("F16", ScalarType.Float16, 2), ("BF16", ScalarType.BFloat16, 2),
        ("I64", ScalarType.Int64, 8), ("I32", ScalarType.Int32, 4), ("I16", ScalarType.Int16, 2), ("I8", ScalarType.Int8, 1),
        ("U8", ScalarType.Byte, 1), ("BOOL", ScalarType.Bool, 1),
    ];

    public static (string Name, int Size) Of(ScalarType type)
    {
        foreach ((string Name, ScalarType Type, int Size) known in Known)
            if (known.Type == type) return (known.Name, known.Size);
        throw new NotSupportedException($"Tensors of {type} can't be written; expected one of {string.Join(", ", Known.Select(k => k.Type))}.");
    }

    public static bool TryParse(string name, out ScalarType type, out int size)
    {
        foreach ((string Name, ScalarType Type, int Size) known in Known)
        {
            if (known.Name != name) continue;
            (type, size) = (known.Type, known.Size);
            return true;
        }
        (type, size) = (default, 0);
        return false;
    }
}
