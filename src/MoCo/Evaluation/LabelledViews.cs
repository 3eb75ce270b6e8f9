using static TorchSharp.torch;

namespace MoCo.Evaluation;

/// <summary>A batch of views with their classes. Whoever makes it owns the tensor; it must live until the next batch is asked for.</summary>
/// <param name="Views">N×C×H×W, on the encoder's device.</param>
/// <param name="Labels">N classes.</param>
public readonly record struct LabelledViews(Tensor Views, ReadOnlyMemory<int> Labels);
