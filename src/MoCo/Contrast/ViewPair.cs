using static TorchSharp.torch;

namespace MoCo.Contrast;

/// <summary>Two views of each image of a batch.</summary>
/// <param name="Query">x_q: N×C×H×W float32 on the method's device.</param>
/// <param name="Key">x_k: N×C×H×W float32, row n showing the same image as row n of <paramref name="Query"/>.</param>
/// <param name="Indices">The images' indices in their source, N, or empty.</param>
public readonly record struct ViewPair(Tensor Query, Tensor Key, ReadOnlyMemory<int> Indices = default);
