namespace MoCo.Distributed;

/// <summary>The processes that train together, and what they exchange. Every rank makes the same calls in the same order.</summary>
internal interface IProcessGroup
{
    /// <summary>This process's number, 0 to <see cref="Size"/> − 1.</summary>
    int Rank { get; }

    /// <summary>How many processes there are, at least 1.</summary>
    int Size { get; }

    /// <summary>Joins every rank's N×… tensor along the first dimension, in rank order: (Size·N)×…, without gradient.</summary>
    Tensor AllGather(Tensor input);
}
