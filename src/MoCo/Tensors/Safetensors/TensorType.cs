using static TorchSharp.torch;

namespace MoCo.Tensors.Safetensors;

/// <summary>Safetensors' element types: name, TorchSharp's type (null where it has none), bytes.</summary>
internal sealed record TensorType(string Name, ScalarType? Type, int Size)
{
    private static readonly TensorType[] Known =
    [
        new("F64", ScalarType.Float64, 8), new("F32", ScalarType.Float32, 4), new("F16", ScalarType.Float16, 2), new("BF16", ScalarType.BFloat16, 2),
        new("I64", ScalarType.Int64, 8), new("I32", ScalarType.Int32, 4), new("I16", ScalarType.Int16, 2), new("I8", ScalarType.Int8, 1),
        new("U8", ScalarType.Byte, 1), new("BOOL", ScalarType.Bool, 1),
        new("U64", null, 8), new("U32", null, 4), new("U16", null, 2), new("F8_E5M2", null, 1), new("F8_E4M3", null, 1),
    ];

    public static string Names => string.Join(", ", Known.Select(k => k.Name));

    public static TensorType Of(ScalarType type) => Array.Find(Known, k => k.Type == type)
        ?? throw new NotSupportedException($"Tensors of {type} can't be written; expected one of {string.Join(", ", Known.Where(k => k.Type is not null).Select(k => k.Type))}.");

    public static TensorType? Find(string name) => Array.Find(Known, k => k.Name == name);
}
