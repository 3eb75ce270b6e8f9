using static TorchSharp.torch;

namespace MoCo.Tensors.Safetensors;

/// <summary>One tensor of a <see cref="SafetensorsFile"/>.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TypeName">Element type as the format names it: <c>F32</c>, <c>BF16</c>, <c>F8_E4M3</c> …</param>
/// <param name="Type">Element type, or null where TorchSharp has none (<c>U16</c>, <c>U32</c>, <c>U64</c>, <c>F8_*</c>): then only its bytes can be read.</param>
/// <param name="Shape">Its shape; empty for a scalar.</param>
/// <param name="Start">First byte, counted from the end of the header.</param>
/// <param name="Length">How many bytes.</param>
public sealed record SafetensorsEntry(string Name, string TypeName, ScalarType? Type, IReadOnlyList<long> Shape, long Start, long Length);
