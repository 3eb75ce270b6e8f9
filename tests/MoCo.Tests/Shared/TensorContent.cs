using static TorchSharp.torch;

namespace MoCo.Tests.Shared;

/// <summary>Copies of a tensor's elements, row by row. What is temporary is held until they are copied: <c>bytes</c> is a view of memory
/// that a garbage collection frees with the last reference to its tensor.</summary>
internal static class TensorContent
{
    public static byte[] AllBytes(this Tensor tensor)
    {
        using Tensor host = tensor.cpu();
        using Tensor dense = host.contiguous();
        byte[] copy = dense.bytes.ToArray();
        GC.KeepAlive(tensor);
        return copy;
    }
}
