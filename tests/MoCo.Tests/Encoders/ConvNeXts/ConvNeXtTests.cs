using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Encoders;
using MoCo.Loading;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.ConvNeXts;

public sealed class ConvNeXtTests
{
    private static readonly EncoderOptions Tiny = new() { Backbone = Backbone.ConvNeXtTiny, BatchNormSplits = 1, EmbeddingDimension = 16 };

    [Fact]
    public void Names_shapes_parameters_and_features_are_torchvisions()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using nn.Module<Tensor, Tensor> network = Encoder.Create(Tiny).Backbone;
        IEnumerable<string> shapes = network.state_dict().Select(e => $"{e.Key}: {string.Join("x", e.Value.shape)}");
        string[] expected = [.. File.ReadAllLines(Fixture.Path("shapes", "convnext_tiny.txt"))
            .Where(line => !line.StartsWith("classifier.2", StringComparison.Ordinal))];
        Assert.Equal(expected.Order(), shapes.Order());
        Assert.Equal(Fixture.Read("shapes", "counts.json").GetProperty("convnext_tiny").GetInt64(),
            network.parameters().Sum(parameter => parameter.NumberOfElements) + 769_000);

        JsonElement fixture = Fixture.Read("networks", "convnext_tiny.json");
        FormulaWeights.Fill(network, [.. fixture.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)]);
        Tensor made = network.call(FormulaWeights.Images([2, 3, 64, 64]));
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("features")), made, 1e-5, "features");
    }

    [Fact]
    public void Weights_begin_as_torchvisions()
    {
        using nn.Module<Tensor, Tensor> network = Encoder.Create(Tiny with { Width = 0.25 }).Backbone;
        Dictionary<string, Tensor> state = network.state_dict();
        Assert.InRange(state["features.5.0.block.3.weight"].std().item<float>(), 0.0195, 0.0205);
        Assert.InRange(state["features.3.0.block.0.weight"].std().item<float>(), 0.019, 0.021);
        Tensor scale = state["features.1.0.layer_scale"];
        Assert.Equal((1e-6f, 1e-6f), (scale.min().item<float>(), scale.max().item<float>()));
        foreach ((string name, Tensor value) in state)
            if (name.EndsWith("bias", StringComparison.Ordinal)) Fixture.Near(zeros_like(value), value, 0, name);
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void A_run_learns_and_goes_on_from_its_checkpoint(Precision precision)
    {
        using TemporaryFolder folder = new();
        MoCoOptions options = TrainerFixture.Options with
        {
            Encoder = Tiny with { Width = 0.0625, InputChannels = 1, Head = HeadKind.Mlp },
            Precision = precision,
        };
        using MoCoTrainer trainer = new(options);
        using TwoCropLoader loader = new(
            new TrainerFixture.NoiseImages(36), AugmentationRecipe.Grey(32), options.Loader() with { Workers = 1 });
        TwoCropBatch[] batches = [.. loader.Epoch(0)];
        foreach (TwoCropBatch batch in batches[..2]) trainer.Step(batch);
        trainer.Save(folder.File("convnext.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("convnext.ckpt"));
        foreach (TwoCropBatch batch in batches[2..]) Assert.Equal(trainer.Step(batch).Loss, resumed.Step(batch).Loss);
        foreach (TwoCropBatch batch in batches) batch.Dispose();
    }

    [Fact]
    public void What_it_has_no_use_for_and_small_images_are_refused()
    {
        EncoderOptions wrong = Tiny with { Stem = Stem.SmallImageStride2, BatchNormSplits = 2 };
        string message = Assert.Throws<ArgumentException>(wrong.Validate).Message;
        Assert.Contains("Stem is SmallImageStride2; expected ImageNet with Backbone ConvNeXtTiny", message, StringComparison.Ordinal);
        Assert.Contains("BatchNormSplits is 2; expected 1 with Backbone ConvNeXtTiny", message, StringComparison.Ordinal);
        using Encoder encoder = Encoder.Create(Tiny with { Width = 0.0625 });
        using Tensor images = rand(2, 3, 28, 32);
        Assert.Contains("input is 2×3×28×32; expected N×3×H×W with H and W of 32 or more",
            Assert.Throws<ArgumentException>(() => encoder.call(images)).Message, StringComparison.Ordinal);
    }
}
