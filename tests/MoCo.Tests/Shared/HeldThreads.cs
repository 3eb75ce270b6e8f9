using static TorchSharp.torch;

namespace MoCo.Tests.Shared;

/// <summary>libtorch's number of threads as a test wants it, until it is disposed.</summary>
internal sealed class HeldThreads : IDisposable
{
    private readonly int before = get_num_threads();

    public HeldThreads(int count) => set_num_threads(count);

    public void Dispose() => set_num_threads(before);
}
