namespace MoCo.Distributed;

/// <summary>The processes that train together, and what they exchange. Every rank makes the same calls in the same order.</summary>
internal interface IProcessGroup
{
    // 0 to Size − 1.
    int Rank { get; }

    int Size { get; }

    /// <summary>Joins every rank's N×… tensor along the first dimension, in rank order: (Size·N)×…, without gradient.</summary>
    Tensor AllGather(Tensor input);
}
