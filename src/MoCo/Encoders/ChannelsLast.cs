using MoCo.Tensors;

namespace MoCo.Encoders;

/// <summary>N×C×H×W tensors whose memory runs N, H, W, C: the layout in which libtorch's convolutions are fastest on CPUs and tensor cores.
/// TorchSharp has no memory-format argument, so the strides are made by permuting.</summary>
internal static class ChannelsLast
{
    /// <summary>Whether a 4-D tensor's memory runs N, H, W, C.</summary>
    public static bool Is(Tensor x)
    {
        long[] shape = x.shape, stride = x.stride();
        return shape.Length == 4 && stride[1] == 1 && stride[3] == shape[1]
            && stride[2] == shape[1] * shape[3] && stride[0] == shape[1] * shape[2] * shape[3];
    }

    /// <summary>The same numbers with channels-last strides; other than 4-D tensors are only made contiguous.</summary>
    public static Tensor Make(Tensor x)
    {
        if (x.dim() != 4) return x.contiguous();
        using Tensor last = x.permute(0, 2, 3, 1);
        using Tensor dense = last.contiguous();
        return dense.permute(0, 3, 1, 2);
    }

    /// <summary>Samples <paramref name="order"/> of N×… in that order, keeping a channels-last layout.</summary>
    public static Tensor SelectSamples(Tensor x, long[] order)
    {
        using Tensor host = tensor(order);
        using Tensor index = host.SendTo(x.device);
        return SelectSamples(x, index);
    }

    /// <inheritdoc cref="SelectSamples(Tensor, long[])"/>
    public static Tensor SelectSamples(Tensor x, Tensor index)
    {
        if (!Is(x)) return x.index_select(0, index);
        using Tensor last = x.permute(0, 2, 3, 1);
        using Tensor selected = last.index_select(0, index);
        return selected.permute(0, 3, 1, 2);
    }
}
