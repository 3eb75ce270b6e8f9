namespace MoCo.Encoders;

/// <summary>A convolution of few channels with a stride of 2, over blocks of 2×2 pixels with a stride of 1 instead: four times the
/// channels, half the kernel, the same sums. GPUs' units take channels by eight or more, of which an image's three leave most
/// idle.</summary>
internal static class PixelBlocks
{
    // The kernel of 7 gets a row and a column of zeros before it, which makes 4 blocks; the image as many as that and its padding ask for.
    private const int Kernel = 7, Blocks = 4, Before = 2, Behind = 1;

    /// <summary>Whether a convolution's result is that over blocks.</summary>
    /// <param name="images">N×I×H×W.</param>
    /// <param name="weight">O×I×k×k.</param>
    /// <param name="stride">Its stride; the padding is k / 2.</param>
    public static bool Take(Tensor images, Tensor weight, long stride)
        => weight.shape[2] == Kernel && stride == 2 && weight.shape[1] <= 4 && images.shape[2] % 2 == 0 && images.shape[3] % 2 == 0
            && !images.requires_grad;

    /// <summary>The convolution, channels-last, with gradient to the weight.</summary>
    /// <param name="images">N×I×H×W, H and W even.</param>
    /// <param name="weight">O×I×7×7.</param>
    /// <param name="type">Of the arithmetic and the result.</param>
    public static Tensor Convolve(Tensor images, Tensor weight, ScalarType type)
    {
        using DisposeScope scope = NewDisposeScope();
        int channels = 4 * (int)weight.shape[1], padded = type == ScalarType.Float32 ? channels : (channels + 7) / 8 * 8;
        Tensor blocks;
        using (no_grad()) blocks = BlocksOf(images, padded, type);
        return nn.functional.conv2d(blocks, KernelOf(weight, padded).to(type)).MoveToOuterDisposeScope();
    }

    /// <summary>N×(4·I and zeros)×(H/2 + 3)×(W/2 + 3).</summary>
    private static Tensor BlocksOf(Tensor images, int padded, ScalarType type)
    {
        (long count, long channels, long height, long width) = (images.shape[0], images.shape[1], images.shape[2] / 2, images.shape[3] / 2);
        Tensor all = zeros(count, height + Before + Behind, width + Before + Behind, padded, dtype: type, device: images.device);
        using Tensor inner = all.narrow(1, Before, height).narrow(2, Before, width).narrow(3, 0, 4 * channels);
        inner.view(count, height, width, 2, 2, channels)
            .copy_(images.permute(0, 2, 3, 1).unflatten(2, [width, 2]).unflatten(1, [height, 2]).permute(0, 1, 3, 2, 4, 5));
        return all.permute(0, 3, 1, 2);
    }

    /// <summary>O×(4·I and zeros)×4×4.</summary>
    private static Tensor KernelOf(Tensor weight, int padded)
    {
        (long outputs, long inputs) = (weight.shape[0], weight.shape[1]);
        Tensor whole = zeros(outputs, inputs, 2 * Blocks, 2 * Blocks, dtype: weight.dtype, device: weight.device);
        whole.narrow(2, 1, Kernel).narrow(3, 1, Kernel).copy_(weight);
        Tensor all = zeros(outputs, Blocks, Blocks, padded, dtype: weight.dtype, device: weight.device);
        all.narrow(3, 0, 4 * inputs).view(outputs, Blocks, Blocks, 2, 2, inputs)
            .copy_(whole.view(outputs, inputs, Blocks, 2, Blocks, 2).permute(0, 2, 4, 3, 5, 1));
        return all.permute(0, 3, 1, 2);
    }
}
