namespace MoCo.Encoders;

/// <summary>The first layers of a <see cref="ResNet"/>.</summary>
public enum Stem
{
    /// <summary>7×7 convolution of stride 2 and 3×3 max-pooling of stride 2: for images of about 224 pixels.</summary>
    ImageNet,

    /// <summary>3×3 convolution of stride 1, no pooling: for images up to about 64 pixels (the MoCo CIFAR-10 recipe).</summary>
    SmallImage,

    /// <summary>3×3 convolution of stride 2, no pooling: small images on small machines, a quarter of the work.</summary>
    SmallImageStride2,
}
