namespace MoCo.Data;

/// <summary>The two halves of a data set of the MNIST family.</summary>
public enum IdxSplit
{
    /// <summary>The training images: files named <c>train-…</c>.</summary>
    Train,

    /// <summary>The test images: files named <c>t10k-…</c>.</summary>
    Test,
}
