namespace MoCo.Augmentation;

/// <summary>How a view lies in memory: order and type of its values. The default is channels-last float32.</summary>
/// <param name="Layout">The order of the values.</param>
/// <param name="Type">Their type.</param>
public readonly record struct ViewFormat(ViewLayout Layout, ViewType Type)
{
    /// <summary>Bytes of one value: 4 for float32, 2 for bfloat16.</summary>
    internal int BytesPerValue => Type == ViewType.Float32 ? sizeof(float) : sizeof(ushort);
}

/// <summary>The order of a view's values in memory.</summary>
public enum ViewLayout
{
    /// <summary>H×W×C, the channels of a pixel side by side: what a convolution in channels-last memory reads.</summary>
    ChannelsLast,

    /// <summary>C×H×W, one plane after the other: PyTorch's default.</summary>
    Contiguous,
}

/// <summary>The number type of a view's values.</summary>
public enum ViewType
{
    /// <summary>32-bit floats.</summary>
    Float32,

    /// <summary>The upper 16 bits of a 32-bit float, rounded to nearest, ties to even.</summary>
    BFloat16,
}
