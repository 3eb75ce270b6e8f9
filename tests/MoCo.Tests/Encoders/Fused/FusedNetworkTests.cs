using MoCo.Encoders;
using MoCo.Encoders.Fused;
using MoCo.Optimization;
using MoCo.Tensors;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.Fused;

/// <summary>Whole networks in fused layers are as near to float64 as they are by autograd.</summary>
public sealed class FusedNetworkTests
{
    public static TheoryData<string, EncoderOptions> Networks => new()
    {
        { "basic blocks", new() { Backbone = Backbone.ResNet18, Width = 0.125, Stem = Stem.SmallImage, BatchNormSplits = 1 } },
        { "pooling, groups", new() { Backbone = Backbone.ResNet18, Width = 0.25, Stem = Stem.ImageNet, BatchNormSplits = 2 } },
        { "bottlenecks", new() { Backbone = Backbone.ResNet50, Width = 0.0625, Stem = Stem.ImageNet, BatchNormSplits = 1 } },
        { "odd widths, one channel", new() { Backbone = Backbone.ResNet18, Width = 0.19, InputChannels = 1, BatchNormSplits = 3 } },
    };

    [Theory]
    [MemberData(nameof(Networks))]
    public void Gradients_and_statistics_are_those_of_the_plain_network(string name, EncoderOptions options)
    {
        using NetworkRun exact = new(options, ScalarType.Float64);
        using NetworkRun plain = new(options, ScalarType.Float32), fused = new(options, ScalarType.Float32);
        exact.Step(null);
        plain.Step(null);
        using FusedPasses passes = new(fused.Encoder, (ResNet)fused.Encoder.Backbone, checkpointing: false);
        Assert.True(((ResNet)fused.Encoder.Backbone).Fuses(fused.Images));
        fused.Step(passes);
        // A ReLU whose value is as good as 0 may fall on either side.
        double allowed = 3 * plain.DistanceTo(exact) + 1e-4;
        Assert.True(fused.DistanceTo(exact) < allowed, $"{name}: {fused.DistanceTo(exact)}, allowed {allowed}");
        Layers.Near(exact.Features!, fused.Features!, "features", 2e-4);
        foreach ((string buffer, Tensor expected, Tensor found) in Buffers(exact, fused)) Layers.Near(expected, found, buffer, 2e-4);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_pass_without_gradient_gives_the_same_bits(string name, EncoderOptions options)
    {
        using NetworkRun with = new(options, ScalarType.Float32), without = new(options, ScalarType.Float32);
        using FusedPasses passes = new(with.Encoder, (ResNet)with.Encoder.Backbone, checkpointing: false);
        with.Step(passes);
        using IDisposable constant = no_grad();
        using Tensor features = without.Encoder.features(without.Images);
        Assert.True(features.ToFloats().SequenceEqual(with.Features!.ToFloats()), name);
        foreach ((string buffer, Tensor expected, Tensor found) in Buffers(with, without))
            Assert.True(expected.bytes.SequenceEqual(found.bytes), buffer);
    }

    [Fact]
    public void A_layer_that_somebody_listens_to_is_called()
    {
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Width = 0.125, Stem = Stem.SmallImage, BatchNormSplits = 1 };
        using Encoder encoder = Encoder.Create(options);
        using FlatParameters flat = new(encoder, withGradients: true);
        ResNet network = (ResNet)encoder.Backbone;
        using Tensor images = randn(4, 3, 8, 8);
        Assert.True(network.Fuses(images));
        foreach (string name in (string[])["", "conv1", "bn1", "layer1.1.conv2", "layer2", "layer2.0", "layer2.0.bn2",
            "layer2.0.downsample", "layer2.0.downsample.0", "layer2.0.downsample.1"])
        {
            int heard = 0;
            nn.Module module = name.Length == 0 ? network : network.named_modules().Single(one => one.name == name).module;
            nn.Module<Tensor, Tensor>.HookRemover hook = ((nn.Module<Tensor, Tensor>)module).register_forward_hook((_, _, made) =>
            {
                heard++;
                return made;
            });
            Assert.False(network.Fuses(images), name);
            using (no_grad()) encoder.call(images).Dispose();
            Assert.Equal(1, heard);
            hook.remove();
        }
        Assert.True(network.Fuses(images));
    }

    [Fact]
    public void Only_training_on_a_CPU_in_float32_is_fused()
    {
        EncoderOptions options = new() { Backbone = Backbone.ResNet18, Width = 0.125, Stem = Stem.SmallImage, BatchNormSplits = 1 };
        using ResNet contiguous = new(options), half = new(options, Precision.BFloat16), right = new(options);
        using FlatParameters first = new(half), second = new(right);
        using Tensor images = randn(4, 3, 8, 8), doubles = images.to(ScalarType.Float64);
        Assert.True(right.Fuses(images));
        Assert.False(right.Fuses(doubles));
        Assert.False(half.Fuses(images));
        Assert.False(contiguous.Fuses(images));
        ((SplitBatchNorm2d)right.named_modules().Single(one => one.name == "layer3.1.bn1").module).eval();
        Assert.False(right.Fuses(images));
        right.train();
        Assert.True(right.Fuses(images));
        right.eval();
        Assert.False(right.Fuses(images));
    }

    internal static IEnumerable<(string Name, Tensor Expected, Tensor Found)> Buffers(NetworkRun first, NetworkRun second)
        => first.Encoder.named_buffers().Zip(second.Encoder.named_buffers(), (one, other) => (one.name, one.buffer, other.buffer));
}
