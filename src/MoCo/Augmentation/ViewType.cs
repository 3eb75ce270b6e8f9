namespace MoCo.Augmentation;

/// <summary>The number type of a view's values.</summary>
public enum ViewType
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>The upper 16 bits of a 32-bit float, rounded to nearest, ties to even.</summary>
    BFloat16,
}
