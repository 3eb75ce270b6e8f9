using static TorchSharp.torch;

namespace MoCo.Loading.Pipeline;

/// <summary>What a batch is made of.</summary>
/// <param name="Number">The batch's number in the epoch.</param>
/// <param name="Views">One tensor N×C×H×W for each view of the images.</param>
/// <param name="Indices">The image behind each row.</param>
/// <param name="Labels">The label of each row, −1: none.</param>
/// <param name="Lease">The memory under the tensors; null where they own theirs.</param>
internal readonly record struct DeliveredViews(int Number, Tensor[] Views, int[] Indices, int[] Labels, ViewLease? Lease);
