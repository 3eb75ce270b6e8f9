using MoCo.Encoders.Fused.Gpu;
using MoCo.Encoders.Fused.Host;
using MoCo.Encoders.Fused.Parts;
using MoCo.Tensors;

namespace MoCo.Encoders.Fused;

/// <summary>Where layers are fused, and by what: a processor's kernels or a GPU's.</summary>
internal static class FusedLayers
{
    /// <summary>The <see cref="AppContext"/> switch; true where it is not set.</summary>
    public const string SwitchName = "MoCo.FuseLayers";

    /// <summary>Whether the switch does not say no.</summary>
    public static bool IsWanted => !(AppContext.TryGetSwitch(SwitchName, out bool wanted) && !wanted);

    /// <summary>Whether layers of such images can be fused, and are to be.</summary>
    /// <param name="images">What goes in.</param>
    /// <param name="precision">Arithmetic of the convolutions.</param>
    public static bool CanBe(Tensor images, Precision precision)
    {
        if (!IsWanted) return false;
        return images.device_type switch
        {
            DeviceType.CPU => TorchThreads.AreKnown && precision == Precision.Float32 && images.dtype == ScalarType.Float32,
            DeviceType.CUDA => GpuKernels.WhyNot(GpuKernels.GpuOf(images.device), precision) is null,
            _ => false,
        };
    }

    /// <summary>Convolves and measures.</summary>
    /// <param name="convolution">The convolution; its own backward, or autograd, computes its gradients.</param>
    /// <param name="norm">BatchNorm, its groups contiguous.</param>
    /// <param name="input">What goes in; it stays the caller's.</param>
    /// <param name="pass">Whether a backward follows, and whether BatchNorm counts the pass.</param>
    /// <param name="passesGradient">Whether the input's gradient is wanted.</param>
    public static FusedLayer Of(
        Convolution convolution, SplitBatchNorm2d norm, Tensor input, FusedPass pass, bool passesGradient = true)
        => input.device_type == DeviceType.CPU ? new HostLayer(convolution, norm, input, pass, passesGradient)
            : new GpuLayer(convolution, norm, input, pass, passesGradient);
}
