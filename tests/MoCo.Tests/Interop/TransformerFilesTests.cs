using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Weights of vision transformers and ConvNeXts, in and out.</summary>
public sealed class TransformerFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(nameof(Backbone.ViTSmall), 0.1, "safetensors")]
    [InlineData(nameof(Backbone.ViTSmall6Heads), 0.34, "safetensors")]
    [InlineData(nameof(Backbone.ViTSmall6Heads), 0.34, "pth")]
    [InlineData(nameof(Backbone.ConvNeXtTiny), 0.0834, "safetensors")]
    [InlineData(nameof(Backbone.ConvNeXtTiny), 0.0834, "pth")]
    public void An_encoder_and_a_backbone_come_back_with_all_that_computes(string backbone, double width, string ending)
    {
        EncoderOptions options = Options(backbone, width) with { Head = HeadKind.BatchNormMlp, HiddenDimension = 24 };
        using Encoder encoder = Encoder.Create(options, seed: 3);
        foreach (Tensor buffer in encoder.Head.buffers().Where(b => b.dim() > 0)) buffer.Fill(0.5);
        encoder.SaveEncoder(folder.File("e." + ending));
        encoder.SaveBackbone(folder.File("b." + ending));
        using Encoder whole = EncoderFiles.Open(folder.File("e." + ending)), bare = EncoderFiles.Open(folder.File("b." + ending));
        Assert.Equal((options.Backbone, HeadKind.BatchNormMlp, 24, 16),
            (whole.Options!.Backbone, whole.Options.Head, whole.Options.HiddenDimension, whole.Options.EmbeddingDimension));
        Assert.Equal((HeadKind.Linear, 128), (bare.Options!.Head, bare.Options.EmbeddingDimension));
        using IDisposable constant = no_grad();
        Tensor images = rand(2, 1, 32, 48);
        foreach (Encoder other in (Encoder[])[encoder, whole, bare]) other.eval();
        Fixture.Near(encoder.call(images), whole.call(images), 1e-6, "embeddings");
        Fixture.Near(encoder.features(images), bare.features(images), 1e-6, "features");
    }

    [Fact]
    public void Heads_that_no_shape_tells_are_not_mistaken()
    {
        using Encoder moco = Encoder.Create(Options(nameof(Backbone.ViTSmall), 1 / 3.0)); // 4 heads of 32
        using Encoder timm = Encoder.Create(Options(nameof(Backbone.ViTSmall6Heads), 1 / 3.0)); // 2 of 64
        moco.SaveBackbone(folder.File("moco.safetensors"));
        Assert.Contains("it is of 4 heads of attention, expected 2",
            Assert.Throws<InvalidDataException>(() => timm.LoadBackbone(folder.File("moco.safetensors"))).Message,
            StringComparison.Ordinal);
        using MoCoV3 method = Method(Backbone.ViTSmall);
        method.SaveOfficial(folder.File("v3.pth.tar"));
        Assert.Contains("heads of 32, expected ViTSmall for it",
            Assert.Throws<InvalidDataException>(() => timm.LoadBackbone(folder.File("v3.pth.tar"))).Message, StringComparison.Ordinal);
        using MoCoV3 six = Method(Backbone.ViTSmall6Heads);
        Assert.Contains(
            "The encoder is a ViTSmall6Heads with a BatchNormMlp; the official code has names for a ResNet, a ViTSmall or a ViTBase",
            Assert.Throws<NotSupportedException>(() => six.SaveOfficial(folder.File("six.pth.tar"))).Message, StringComparison.Ordinal);
        // Under the bare names only the caller knows.
        moco.SaveBackbone(folder.File("moco.pth"));
        using Encoder opened = EncoderFiles.Open(folder.File("moco.pth"));
        Assert.Equal(Backbone.ViTSmall6Heads, opened.Options!.Backbone);
        Assert.Equal(WeightLayout.Backbone, moco.LoadBackbone(folder.File("moco.pth")).Layout);
    }

    [Theory]
    [InlineData(nameof(Backbone.ViTSmall6Heads), 0.17, "head")]
    [InlineData(nameof(Backbone.ConvNeXtTiny), 0.0834, "classifier.2")]
    public void The_classifier_of_a_trained_network_is_left(string backbone, double width, string classifier)
    {
        using Encoder trained = Encoder.Create(Options(backbone, width), seed: 3);
        (string, Tensor)[] all = [.. trained.Backbone.state_dict().Select(entry => (entry.Key, entry.Value)),
            (classifier + ".weight", zeros(10, 64)), (classifier + ".bias", zeros(10))];
        SafetensorsWriter.Write(folder.File("model.safetensors"), all, new Dictionary<string, string> { ["format"] = "pt" });
        using MomentumContrast method = new(
            Encoder.Create(Options(backbone, width)), Encoder.Create(Options(backbone, width)), new KeyQueue(16, 8));
        (WeightLayout layout, WeightParts parts, IReadOnlyList<string> unused) = method.LoadWeights(folder.File("model.safetensors"));
        Assert.Equal((WeightLayout.Backbone, WeightParts.Backbone), (layout, parts));
        Assert.Equal([classifier + ".weight", classifier + ".bias"], unused);
        foreach ((string name, Tensor value) in trained.Backbone.state_dict())
            foreach (Encoder encoder in (Encoder[])[method.QueryEncoder, method.KeyEncoder])
                Fixture.Near(value, encoder.Backbone.state_dict()[name], 0, name);
    }

    [Fact]
    public void A_network_of_other_patches_or_depths_is_refused_before_it_is_built()
    {
        using Encoder vit = Encoder.Create(Options(nameof(Backbone.ViTSmall6Heads), 0.17));
        Refused("it has no patch_embed.proj.weight of 16×16 pixels", vit, state => state["patch_embed.proj.weight"] = zeros(64, 1, 8, 8));
        Refused("it has 11 blocks", vit, state => state.Remove("blocks.11.attn.qkv.weight"));
        Refused("its blocks.11.mlp.fc1.weight is 1×1, expected 256×64", vit, state => state["blocks.11.mlp.fc1.weight"] = zeros(1, 1));
        using Encoder convnext = Encoder.Create(Options(nameof(Backbone.ConvNeXtTiny), 0.0834));
        Refused("its stages have 3, 3, 8, 3 blocks", convnext, state => state.Remove("features.5.8.block.0.weight"));

        void Refused(string why, Encoder encoder, Action<Dictionary<string, Tensor>> change)
        {
            Dictionary<string, Tensor> state = encoder.Backbone.state_dict();
            change(state);
            MoCo.Interop.PyTorch.PyTorchWriter.Write(folder.File("changed.pth"), state);
            Assert.Contains($"is of no network that this library builds: {why}",
                Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(folder.File("changed.pth"))).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void What_is_written_for_residual_networks_alone_is_refused_by_name()
    {
        using Encoder encoder = Encoder.Create(Options(nameof(Backbone.ViTSmall), 0.1));
        Assert.Contains("expected a ResNet", Assert.Throws<NotSupportedException>(
            () => encoder.SaveOnnx(folder.File("a.onnx"))).Message, StringComparison.Ordinal);
        Assert.Contains("expected a ResNet", Assert.Throws<NotSupportedException>(
            () => encoder.SaveDetectron2(folder.File("a.pkl"))).Message, StringComparison.Ordinal);
    }

    private static EncoderOptions Options(string backbone, double width) => new()
    {
        Backbone = Backbone.Of(backbone),
        Width = width,
        InputChannels = 1,
        EmbeddingDimension = 16,
        BatchNormSplits = 1,
    };

    private static MoCoV3 Method(Backbone backbone)
    {
        EncoderOptions options = Options(backbone.Name, 1 / 3.0) with { Head = HeadKind.BatchNormMlp, HiddenDimension = 24 };
        return new MoCoV3(Encoder.Create(options), Encoder.Create(options), new BatchNormMlp(2, 16, 24, 16), 4);
    }
}
