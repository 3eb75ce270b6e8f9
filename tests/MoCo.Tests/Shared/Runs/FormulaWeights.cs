using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>The weights and images of Fixtures/make_resnet.py: numbers that a formula gives, the same in every language.</summary>
internal static class FormulaWeights
{
    /// <param name="network">The network to fill.</param>
    /// <param name="names">The names in PyTorch's order, by which the tensors are numbered.</param>
    public static void Fill(nn.Module network, string[] names)
    {
        Dictionary<string, Tensor> state = network.state_dict();
        for (int t = 0; t < names.Length; t++)
        {
            string name = names[t];
            Tensor tensor = state[name];
            long count = tensor.NumberOfElements;
            if (name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                tensor.zero_();
                continue;
            }
            double scale = name.EndsWith("layer_scale", StringComparison.Ordinal) ? 0.3
                : tensor.dim() > 1 ? 2 / Math.Sqrt((double)count / tensor.shape[0]) : 0;
            Func<double, double> value = tensor.dim() > 1 ? u => u * scale
                : name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("running_mean", StringComparison.Ordinal) ? u => 0.1 * u
                : u => 1 + 0.1 * u;
            float[] values = new float[count];
            for (int i = 0; i < count; i++) values[i] = (float)value(U((uint)i, t));
            using Tensor filled = torch.tensor(values).reshape(tensor.shape);
            tensor.copy_(filled);
        }
    }

    public static Tensor Images(long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(U((uint)i, 1000) + Math.Sin(0.013 * i));
        return tensor(values).reshape(shape);
    }

    private static double U(uint i, int t)
    {
        uint x = unchecked(i + (uint)t * 0x9E3779B9u);
        x ^= x >> 16;
        x = unchecked(x * 0x85EBCA6Bu);
        x ^= x >> 13;
        x = unchecked(x * 0xC2B2AE35u);
        x ^= x >> 16;
        return x / 2147483648.0 - 1;
    }
}
