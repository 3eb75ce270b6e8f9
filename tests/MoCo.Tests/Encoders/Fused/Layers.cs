using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.Fused;

/// <summary>A convolution and a BatchNorm of random weights, five channels in, and what they give by autograd in float64.</summary>
internal sealed class Layers : IDisposable
{
    private readonly Generator random;

    public Layers(int images, int channels, int kernel, int groups, ulong seed = 1, Device? device = null,
        Precision precision = Precision.Float32)
    {
        Device = device ?? CPU;
        random = new Generator(seed, CPU);
        Count = images;
        Convolution = new Convolution(5, channels, kernel, 1, precision, random);
        Norm = new SplitBatchNorm2d(channels, groups) { GroupsAreContiguous = true };
        using IDisposable constant = no_grad();
        Norm.Weight.uniform_(-1, 1, random);
        Norm.Bias.uniform_(-1, 1, random);
        Convolution.Weight.set_(ChannelsLast.Make(Convolution.Weight));
        Convolution.to(Device);
        Norm.to(Device);
    }

    public Device Device { get; }

    public int Count { get; }

    public Convolution Convolution { get; }

    public SplitBatchNorm2d Norm { get; }

    public Tensor Images(int channels, int size)
        => ChannelsLast.Make(randn([Count, channels, size, size], generator: random).Plus(0.3)).to(Device);

    /// <summary>BatchNorm of the convolution, in float64.</summary>
    public Tensor Outputs(Tensor input)
    {
        using IDisposable constant = no_grad();
        return Pass(input.to(ScalarType.Float64), Weights().Convolution, Weights().Norm);
    }

    /// <summary>All by autograd in float64.</summary>
    public Results Plain(Tensor input, Tensor gradient, Func<Tensor, Tensor, Tensor> end)
    {
        (Tensor weight, SplitBatchNorm2d norm) = Weights();
        Tensor leaf = input.to(ScalarType.Float64).requires_grad_();
        Tensor y = end(Pass(leaf, weight.requires_grad_(), norm), leaf);
        y.backward([gradient.to(ScalarType.Float64)]);
        return new Results(y, leaf.grad!, weight.grad!, norm.Weight.grad!, norm.Bias.grad!,
            [.. norm.named_buffers().Select(buffer => buffer.buffer)]);
    }

    /// <summary>What follows the convolution, by autograd in float64: the input of the results is x.</summary>
    /// <param name="x">What the convolution made.</param>
    /// <param name="gradient">The gradient of max(0, …).</param>
    public Results AfterConvolution(Tensor x, Tensor gradient)
    {
        (Tensor weight, SplitBatchNorm2d norm) = Weights();
        Tensor leaf = x.detach().to(ScalarType.Float64).requires_grad_(), y = norm.call(leaf).relu();
        y.backward([gradient.to(ScalarType.Float64)]);
        return new Results(y, leaf.grad!, weight, norm.Weight.grad!, norm.Bias.grad!,
            [.. norm.named_buffers().Select(buffer => buffer.buffer)]);
    }

    /// <summary>Compares with what was found, gradients of the weights included.</summary>
    public void Check(Results expected, Tensor output, Tensor gradient)
    {
        Near(expected.Output, output, "output");
        Near(expected.Input, gradient, "gradient of the input");
        Near(expected.Convolution, Convolution.Weight.grad!, "gradient of the convolution");
        Near(expected.Weight, Norm.Weight.grad!, "gradient of the weight");
        Near(expected.Bias, Norm.Bias.grad!, "gradient of the bias");
        foreach ((Tensor buffer, (string name, Tensor found)) in expected.Statistics.Zip(Norm.named_buffers())) Near(buffer, found, name);
    }

    public static void Near(Tensor expected, Tensor actual, string what, double tolerance = 2e-5)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor right = expected.cpu().to(ScalarType.Float64), off = actual.cpu().to(ScalarType.Float64).sub(right).abs();
        double scale = Math.Max(1e-3, right.abs().max().item<double>());
        Assert.True(off.max().item<double>() <= tolerance * scale, $"{what}: {off.max().item<double>()} off, of numbers up to {scale}");
    }

    public void Dispose()
    {
        random.Dispose();
        Convolution.Dispose();
        Norm.Dispose();
    }

    private (Tensor Convolution, SplitBatchNorm2d Norm) Weights()
    {
        SplitBatchNorm2d norm = new((int)Norm.Weight.shape[0], Norm.Splits) { GroupsAreContiguous = true };
        norm.to(Device);
        using (no_grad())
        {
            norm.Weight.copy_(Norm.Weight);
            norm.Bias.copy_(Norm.Bias);
        }
        return (Convolution.Weight.detach().to(ScalarType.Float64), norm.to(ScalarType.Float64));
    }

    private static Tensor Pass(Tensor input, Tensor weight, SplitBatchNorm2d norm)
        => norm.call(nn.functional.conv2d(input, weight, null, [1, 1], [weight.shape[2] / 2, weight.shape[2] / 2]));

    public sealed record Results(Tensor Output, Tensor Input, Tensor Convolution, Tensor Weight, Tensor Bias, Tensor[] Statistics);
}
