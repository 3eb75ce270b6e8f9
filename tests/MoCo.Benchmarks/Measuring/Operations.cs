using System.Diagnostics;
using MoCo.Encoders.ResNets;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Benchmarks.Measuring;

/// <summary>The arithmetic of the bare passes, and how fast this libtorch does arithmetic at its best: together the time that no way of
/// passing through the same network goes below.</summary>
internal static class Operations
{
    /// <summary>Multiplications and additions of all convolutions in f_k's forward pass and in f_q's forward and backward pass, in 10⁹.
    /// Taps that lie on the padding are left out, and so is the gradient of the images.</summary>
    public static double OfPasses(Job job)
    {
        ResNetShape shape = ResNetShape.Of(TrainingParts.OptionsOf(job).Encoder, job.Size);
        // forward twice, and for each gradient as much as forward
        double all = 4.0 * shape.Convolutions.Sum(Of) - Of(shape.Stem);
        return all * job.Batch / 1e9;
    }

    /// <summary>10⁹ operations a second of a 2048×2048 matrix product, the best of eight.</summary>
    public static double Fastest()
    {
        const int Size = 2048;
        using DisposeScope scope = NewDisposeScope();
        Tensor a = randn(Size, Size), b = randn(Size, Size), product = a.mm(b);
        double best = double.PositiveInfinity;
        for (int i = 0; i < 8; i++)
        {
            long start = Stopwatch.GetTimestamp();
            using (Tensor again = a.mm(b)) best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return 2.0 * Size * Size * Size / best / 1e9;
    }

    private static double Of(ConvolutionShape layer)
    {
        double taps = 0; // of one dimension
        for (int output = 0; output < layer.Side; output++)
        {
            int first = output * layer.Stride - layer.Kernel / 2;
            taps += Math.Min(first + layer.Kernel, layer.InputSide) - Math.Max(first, 0);
        }
        return 2.0 * layer.Inputs * layer.Outputs * taps * taps;
    }
}
