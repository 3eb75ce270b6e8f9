using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Optimization;

/// <summary>
/// Cuts flat tensors into blocks that stay in a core's cache, so that a chain of operations reads and writes main memory
/// once instead of once per operation. On a GPU there is one block: launches cost more than passes.
/// </summary>
internal static class FlatBlocks
{
    /// <summary>Numbers in a block: 512 KiB of float32.</summary>
    public const long Length = 128 * 1024;

    /// <summary>Long-lived views of a 1-D tensor's blocks from <paramref name="start"/> on.</summary>
    public static Tensor[] Of(Tensor flat, long start, long length)
    {
        long size = flat.device_type == DeviceType.CPU ? Length : Math.Max(1, length);
        var blocks = new Tensor[(length + size - 1) / size];
        for (int i = 0; i < blocks.Length; i++)
            blocks[i] = flat.narrow(0, start + i * size, Math.Min(size, length - i * size)).DetachFromDisposeScope();
        return blocks;
    }
}
