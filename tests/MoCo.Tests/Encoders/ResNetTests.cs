using System.Text.Json;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

public sealed class ResNetTests
{
    public static TheoryData<string, string> Architectures => new()
    {
        { "resnet18", nameof(Backbone.ResNet18) },
        { "resnet34", nameof(Backbone.ResNet34) },
        { "resnet50", nameof(Backbone.ResNet50) },
        { "resnet101", nameof(Backbone.ResNet101) },
        { "resnet152", nameof(Backbone.ResNet152) },
        { "resnet50w2", nameof(Backbone.ResNet50Wide2) },
        { "resnet50w4", nameof(Backbone.ResNet50Wide4) },
        { "wide_resnet50_2", nameof(Backbone.WideResNet50) },
        { "wide_resnet101_2", nameof(Backbone.WideResNet101) },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Names_shapes_and_parameter_count_are_torchvisions(string name, string backbone)
    {
        using ResNet network = new(new EncoderOptions { Backbone = Backbone.Of(backbone) }, classes: 1000);
        // TorchSharp lists parameters before buffers, PyTorch mixes them: the order does not count
        IEnumerable<string> shapes = network.state_dict().Select(e => $"{e.Key}: {string.Join("x", e.Value.shape)}".TrimEnd());
        Assert.Equal(File.ReadAllLines(Fixture.Path("shapes", name + ".txt")).Select(l => l.TrimEnd()).Order(), shapes.Order());
        long count = Fixture.Read("shapes", "counts.json").GetProperty(name).GetInt64();
        Assert.Equal(count, network.parameters().Sum(p => p.NumberOfElements));
    }

    [Theory]
    [InlineData("resnet18", nameof(Backbone.ResNet18), Stem.ImageNet, false)]
    [InlineData("resnet18", nameof(Backbone.ResNet18), Stem.ImageNet, true)]
    [InlineData("resnet18_small_stem", nameof(Backbone.ResNet18), Stem.SmallImage, true)]
    [InlineData("resnet50", nameof(Backbone.ResNet50), Stem.ImageNet, false)]
    [InlineData("resnet50", nameof(Backbone.ResNet50), Stem.ImageNet, true)]
    public void Logits_equal_torchvisions(string name, string backbone, Stem stem, bool channelsLast)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable _ = no_grad();
        JsonElement fixture = Fixture.Read("resnet", name + ".json");
        EncoderOptions options = new() { Backbone = Backbone.Of(backbone), Stem = stem, BatchNormSplits = 1 };
        using ResNet network = new(options, classes: 1000);
        using FlatParameters? flat = channelsLast ? new FlatParameters(network) : null; // convolution weights become channels-last
        FormulaWeights.Fill(network,
            [.. File.ReadAllLines(Fixture.Path("shapes", name.Split('_')[0] + ".txt")).Select(l => l.Split(':')[0])]);
        Tensor images = FormulaWeights.Images([.. fixture.GetProperty("input").EnumerateArray().Select(d => d.GetInt64())]);
        if (channelsLast) images = ChannelsLast.Make(images);

        network.eval();
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("eval")), network.call(images), 1e-4, "logits in eval mode");
        network.train();
        double tolerance = Math.Max(1e-4, 10 * fixture.GetProperty("train_float32_difference").GetDouble());
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("train")), network.call(images), tolerance, "logits in train mode");
        Dictionary<string, Tensor> state = network.state_dict();
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("bn1_running_mean_after_train")), state["bn1.running_mean"], 1e-5, "running mean");
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("layer4_1_bn2_running_var_after_train")),
            state["layer4.1.bn2.running_var"], 1e-4, "running variance");
    }

    [Fact]
    public void Weights_start_as_torchvisions_do()
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = new(new EncoderOptions { Backbone = Backbone.ResNet18, BatchNormSplits = 1 }, classes: 1000);
        Dictionary<string, Tensor> state = network.state_dict();
        Tensor weight = state["layer2.0.conv1.weight"]; // 128×64×3×3: std = √(2 / (128·9))
        Assert.Equal(Math.Sqrt(2.0 / (128 * 9)), weight.std().item<float>(), 1e-3);
        Assert.Equal(0, weight.mean().item<float>(), 1e-3);
        Fixture.Near(ones(64), state["bn1.weight"], 0, "bn1.weight");
        Fixture.Near(zeros(64), state["bn1.bias"], 0, "bn1.bias");
        Assert.InRange(state["fc.weight"].abs().max().item<float>(), 0.99 / Math.Sqrt(512), 1 / Math.Sqrt(512));
    }

    [Fact]
    public void The_seed_decides_the_weights()
    {
        using DisposeScope scope = NewDisposeScope();
        Encoder Make(int seed) => Encoder.Create(Small with { Head = HeadKind.Mlp, EmbeddingDimension = 16 }, seed: seed);
        using Encoder a = Make(1), b = Make(1), c = Make(2);
        foreach ((string name, Tensor value) in a.state_dict()) Fixture.Near(value, b.state_dict()[name], 0, name);
        Assert.NotEqual(a.state_dict()["head.layers.0.weight"].data<float>().ToArray(), c.state_dict()["head.layers.0.weight"].data<float>()
            .ToArray());
    }

    [Theory]
    [InlineData(Stem.ImageNet, 1)]
    [InlineData(Stem.SmallImage, 4)]
    [InlineData(Stem.SmallImageStride2, 2)]
    public void Stems_shrink_images_as_they_say(Stem stem, int lastSize)
    {
        using DisposeScope scope = NewDisposeScope();
        using ResNet network = new(Small with { Stem = stem });
        List<long> sizes = new();
        foreach ((string name, nn.Module module) in network.named_modules())
        {
            if (name == "layer4" && module is nn.Module<Tensor, Tensor> stage)
                stage.register_forward_hook((_, _, output) => { sizes.Add(output.shape[2]); return output; });
        }
        Assert.Equal([2, network.FeatureDimension], network.call(rand(2, 1, 32, 32)).shape);
        Assert.Equal([lastSize], sizes);
    }

    [Fact]
    public void BFloat16_features_are_near_float32_ones_and_gradients_stay_float32()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(1);
        using ResNet exact = new(Small), half = new(Small, Precision.BFloat16);
        Tensor images = rand(8, 1, 32, 32);
        Tensor expected = exact.call(images), actual = half.call(images);
        Assert.Equal(ScalarType.Float32, actual.dtype);
        double relative = ((actual - expected).norm() / expected.norm()).item<float>();
        Assert.InRange(relative, 1e-6, 0.05);
        actual.sum().backward();
        Assert.All(half.parameters(), p => Assert.Equal(ScalarType.Float32, p.grad!.dtype));
    }

    [Fact]
    public void Errors_are_all_named_at_once()
    {
        string message = Assert.Throws<ArgumentException>(
            () => new ResNet(new EncoderOptions { InputChannels = 2, Width = 0, BatchNormSplits = 0 })).Message;
        foreach (
            string error in new[] { "InputChannels is 2; expected 1 (grey) or 3 (color).", "Width is 0; expected 0.0625 to 8.",
            "BatchNormSplits is 0; expected 1 or more." })
            Assert.Contains(error, message, StringComparison.Ordinal);
        using ResNet network = new(Small);
        using Tensor color = rand(2, 3, 32, 32);
        Assert.Contains("expected N×1×H×W", Assert.Throws<ArgumentException>(() => network.call(color)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => new ResNet(Small, classes: 0));
    }

    private static EncoderOptions Small
        => new() { Backbone = Backbone.ResNet18, Stem = Stem.SmallImage, InputChannels = 1, Width = 0.125, BatchNormSplits = 1 };
}
