using static TorchSharp.torch;

namespace MoCo.Tests.Cuda;

/// <summary>The first GPU, for tests that run wherever libtorch can use one.</summary>
internal static class Gpu
{
    public const string Missing = "no GPU that this libtorch can use";

    // Of 1.1 TFLOP each: a fast card of today does 50 a second in float32.
    private const int ProductsASecond = 50;

    private static readonly bool IsThere = cuda.is_available();

    /// <summary>The device; skips the test where there is none.</summary>
    public static Device Device
    {
        get
        {
            Assert.SkipUnless(IsThere, Missing);
            return CUDA;
        }
    }

    /// <summary>Gives the device work for about a second, or another share of it, and returns at once.</summary>
    public static void Occupy(double seconds = 1)
    {
        using Tensor x = rand(8192, 8192, device: Device);
        for (int i = 0; i < seconds * ProductsASecond; i++)
        {
            using Tensor product = x.matmul(x);
        }
    }
}
