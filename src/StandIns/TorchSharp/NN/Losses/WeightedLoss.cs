using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A loss with a weight for each class.</summary>
public abstract class WeightedLoss<T1, T2, TResult> : Loss<T1, T2, TResult>
{
    public WeightedLoss(Tensor weight = null, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.weight = weight;

#nullable enable annotations
    public Tensor? weight { get; }
#nullable restore annotations
}
