namespace MoCo.Data;

/// <summary>The two parts of a CIFAR data set.</summary>
public enum CifarSplit
{
    /// <summary>50,000 images: <c>data_batch_1.bin</c> … <c>data_batch_5.bin</c>, or <c>train.bin</c>.</summary>
    Train,

    /// <summary>10,000 images: <c>test_batch.bin</c>, or <c>test.bin</c>.</summary>
    Test,
}
