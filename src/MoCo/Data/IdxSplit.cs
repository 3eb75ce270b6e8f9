namespace MoCo.Data;

/// <summary>The two halves of a data set of the MNIST family.</summary>
public enum IdxSplit
{
    /// <summary>The training pictures: files named <c>train-…</c>.</summary>
    Train,

    /// <summary>The test pictures: files named <c>t10k-…</c>.</summary>
    Test,
}
