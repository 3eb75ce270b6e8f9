namespace MoCo.Contrast;

/// <summary>Whether both views serve as query in turn.</summary>
public enum SymmetricLoss
{
    /// <summary>The first view is the query, the second the key: the paper.</summary>
    Off,

    /// <summary>The two losses are added, as in the authors' CIFAR-10 notebook.</summary>
    Sum,

    /// <summary>The two losses are averaged: half the gradient of <see cref="Sum"/>.</summary>
    Mean,
}
