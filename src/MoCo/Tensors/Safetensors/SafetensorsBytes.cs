namespace MoCo.Tensors.Safetensors;

/// <summary>A tensor as bytes, for element types that TorchSharp lacks.</summary>
/// <param name="Name">Its name.</param>
/// <param name="TypeName">Element type as the format names it: <c>U16</c>, <c>F8_E5M2</c> …</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Bytes">The numbers, row-major and little-endian.</param>
public sealed record SafetensorsBytes(string Name, string TypeName, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Bytes);
