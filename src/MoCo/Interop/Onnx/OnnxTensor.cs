using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Interop.Onnx;

/// <summary>
/// A constant of the graph. The numbers are made when they are written, one tensor after another, so that exporting a large
/// encoder does not need its weights a second time in memory.
/// </summary>
internal sealed record OnnxTensor(string Name, long[] Shape, Func<Tensor> Make)
{
    public long Bytes => Shape.Aggregate((long)sizeof(float), (product, d) => checked(product * d));

    /// <summary>Writes the numbers, row-major and little-endian.</summary>
    public void WriteTo(Stream stream)
    {
        using DisposeScope scope = NewDisposeScope();
        Make().detach().cpu().contiguous().WriteBytesToStream(stream, 1 << 20);
    }
}
