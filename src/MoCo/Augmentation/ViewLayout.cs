namespace MoCo.Augmentation;

/// <summary>The order of a view's values in memory.</summary>
public enum ViewLayout
{
    /// <summary>H×W×C, the channels of a pixel side by side: what a convolution in channels-last memory reads.</summary>
    ChannelsLast,

    /// <summary>C×H×W, one plane after the other: PyTorch's default.</summary>
    Contiguous,
}
