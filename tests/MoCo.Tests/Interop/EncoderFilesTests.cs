using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Optimization;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

public sealed class EncoderFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_backbone_comes_back_with_every_parameter_and_buffer_and_gives_the_same_features()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder first = Make(1), second = Make(2);
        Tensor x = rand(6, 1, 16, 16);
        first.call(x); // moves the running statistics
        first.SaveBackbone(folder.File("b.safetensors"));
        second.LoadBackbone(folder.File("b.safetensors"));
        foreach ((string name, Tensor value) in first.Backbone.state_dict())
            Fixture.Near(value, second.Backbone.state_dict()[name], 0, name);
        first.eval();
        second.eval();
        Fixture.Near(first.features(x), second.features(x), 0, "features");
        Assert.NotEqual(0, (first.call(x) - second.call(x)).abs().max().item<float>()); // the heads stay apart
    }

    [Fact]
    public void The_files_names_and_shapes_are_torchvisions()
    {
        using Encoder encoder = Encoder.Create(new EncoderOptions { Backbone = Backbone.ResNet18 });
        encoder.SaveBackbone(folder.File("b.safetensors"));
        using SafetensorsFile file = SafetensorsFile.Open(folder.File("b.safetensors"));
        Assert.Equal("pt", file.Metadata["format"]);
        Dictionary<string, string> shapes = file.Tensors.ToDictionary(entry => entry.Key, entry => string.Join("×", entry.Value.Shape));
        Assert.Equal(120, shapes.Count); // torchvision's resnet18 has 122 entries, fc.weight and fc.bias among them
        Assert.Equal("64×3×7×7", shapes["conv1.weight"]);
        Assert.Equal("64", shapes["bn1.running_var"]);
        Assert.Equal("", shapes["bn1.num_batches_tracked"]);
        Assert.Equal("64×64×3×3", shapes["layer1.1.conv2.weight"]);
        Assert.Equal("128×64×1×1", shapes["layer2.0.downsample.0.weight"]);
        Assert.Equal("512", shapes["layer4.1.bn2.bias"]);
        Assert.DoesNotContain(
            shapes.Keys, name => name.StartsWith("fc", StringComparison.Ordinal) || name.Contains("backbone", StringComparison.Ordinal));
    }

    [Fact]
    public void A_network_that_is_larger_than_its_file_is_not_built()
    {
        using (Encoder encoder = Make(1)) encoder.SaveEncoder(folder.File("e"));
        using (SafetensorsFile sound = SafetensorsFile.Open(folder.File("e")))
        {
            using DisposeScope scope = NewDisposeScope();
            SafetensorsWriter.Write(folder.File("wide"), [.. sound.Tensors.Keys.Select(name => (name, name switch
            {
                "backbone.layer4.0.conv2.weight" => zeros(4096, 1, 1, 1),
                _ => sound.Read(name),
            }))]);
            SafetensorsWriter.Write(folder.File("long"), [.. sound.Tensors.Keys.Select(name => (name, name switch
            {
                "head.layers.0.weight" => zeros(60000, 0),
                _ => sound.Read(name),
            }))]);
        }
        Assert.EndsWith("its layer4.0.conv2.weight is 4096×1×1×1, expected 4096×4096×3×3.",
            Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(folder.File("wide"))).Message, StringComparison.Ordinal);
        Assert.Contains("its head.layers.0.weight is 60000×0, expected 60000×",
            Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(folder.File("long"))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e.safetensors")]
    [InlineData("e.pth")]
    public void Backbone_and_head_come_back_in_both_formats(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder first = Make(1), second = Make(2);
        first.SaveEncoder(folder.File(name));
        (WeightLayout layout, WeightParts parts, IReadOnlyList<string> unused) = second.LoadEncoder(folder.File(name));
        Assert.Equal((WeightLayout.Encoder, WeightParts.Encoder, 0), (layout, parts, unused.Count));
        using Encoder built = EncoderFiles.Open(folder.File(name), Stem.SmallImageStride2);
        foreach ((string key, Tensor value) in first.state_dict())
        {
            Fixture.Near(value, second.state_dict()[key], 0, key);
            Fixture.Near(value, built.state_dict()[key], 0, key);
        }
    }

    [Theory]
    [InlineData(nameof(Backbone.ResNet34), Stem.SmallImageStride2, 0.25, 1)]
    [InlineData(nameof(Backbone.ResNet50), Stem.SmallImage, 0.125, 3)]
    [InlineData(nameof(Backbone.WideResNet50), Stem.ImageNet, 0.125, 3)]
    public void An_encoder_is_built_with_the_architecture_that_its_file_has(string backbone, Stem stem, double width, int channels)
    {
        EncoderOptions options = new()
        {
            Backbone = Backbone.Of(backbone),
            Stem = stem,
            Width = width,
            InputChannels = channels,
            Head = HeadKind.Mlp,
            EmbeddingDimension = 24,
            BatchNormSplits = 1,
        };
        using Encoder encoder = Encoder.Create(options);
        encoder.SaveEncoder(folder.File("e.safetensors"));
        using Encoder built = EncoderFiles.Open(folder.File("e.safetensors"));
        Assert.Equal(options, ((ResNet)built.Backbone).Options);
        Assert.Equal((HeadKind.Mlp, 24), (((ProjectionHead)built.Head).Kind, ((ProjectionHead)built.Head).EmbeddingDimension));
    }

    [Fact]
    public void An_encoder_without_a_head_comes_back_from_its_file_and_from_its_checkpoint()
    {
        using DisposeScope scope = NewDisposeScope();
        MoCoOptions options = TrainerFixture.Options with { Encoder = Options with { Head = HeadKind.Direct } };
        using MoCoTrainer trainer = new(options);
        trainer.QueryEncoder.SaveEncoder(folder.File("e.safetensors"));
        trainer.Save(folder.File("run.ckpt"));
        foreach (string file in new[] { "e.safetensors", "run.ckpt" })
        {
            using Encoder built = EncoderFiles.Open(folder.File(file));
            ProjectionHead head = Assert.IsType<ProjectionHead>(built.Head);
            Assert.Equal((HeadKind.Direct, 8), (head.Kind, head.EmbeddingDimension));
            foreach (nn.Module module in new nn.Module[] { built, trainer.QueryEncoder }) module.eval();
            Tensor views = randn(3, 1, 16, 16);
            Fixture.Near(trainer.QueryEncoder.call(views), built.call(views), 1e-6, file);
        }
        trainer.QueryEncoder.SaveBackbone(folder.File("b.safetensors"));
        using Encoder bare = EncoderFiles.Open(folder.File("b.safetensors"));
        Assert.Equal(HeadKind.Linear, ((ProjectionHead)bare.Head).Kind);
        MoCo.Contrast.MomentumContrast method = (MoCo.Contrast.MomentumContrast)trainer.Method;
        Assert.Contains("with a head without weights", Assert.Throws<NotSupportedException>(
            () => method.SaveOfficial(folder.File("o.pth.tar"))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_the_callers_own_comes_back_from_a_safetensors_file()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder first = Own(), second = Own();
        first.SaveBackbone(folder.File("own.safetensors"));
        second.LoadBackbone(folder.File("own.safetensors"));
        Fixture.Near(first.Backbone.state_dict()["weight"], second.Backbone.state_dict()["weight"], 0, "weight");
        Assert.Contains(
            "it has no conv1.weight", Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(folder.File("own.safetensors"))).Message,
            StringComparison.Ordinal);

        static Encoder Own() => new(nn.Linear(4, 3), new ProjectionHead(HeadKind.Linear, 3, 2));
    }

    [Fact]
    public void Splits_and_training_change_nothing_in_the_files_names()
    {
        using Encoder plain = Make(1), split = Encoder.Create(Options with { BatchNormSplits = 4, Head = HeadKind.Mlp });
        using FlatParameters flat = new(split, withGradients: true);
        split.SaveBackbone(folder.File("b.safetensors"));
        plain.LoadBackbone(folder.File("b.safetensors"));
        foreach ((string name, Tensor value) in split.Backbone.state_dict())
            Fixture.Near(value, plain.Backbone.state_dict()[name], 0, name);
    }

    [Fact]
    public void Another_architectures_file_is_refused_and_nothing_is_loaded()
    {
        using DisposeScope scope = NewDisposeScope();
        using Encoder wide = Encoder.Create(Options with { Width = 0.25 }), narrow = Make(1), untouched = Make(1);
        string path = folder.File("b.safetensors");
        wide.SaveBackbone(path);
        string refusal = Assert.Throws<InvalidDataException>(() => narrow.LoadBackbone(path)).Message;
        Assert.StartsWith($"{path} (layout Backbone) is of another model, ", refusal, StringComparison.Ordinal);
        Assert.Contains("conv1.weight is 16×1×3×3 Float32, expected 8×1×3×3 Float32, ", refusal, StringComparison.Ordinal);
        foreach ((string name, Tensor value) in untouched.Backbone.state_dict())
            Fixture.Near(value, narrow.Backbone.state_dict()[name], 0, name);
        Assert.Throws<FileNotFoundException>(() => narrow.LoadBackbone(folder.File("none")));
    }

    /// <summary>A buffer of a megabyte for each of a hundred tensors was the garbage of every file.</summary>
    [Theory]
    [InlineData("e.safetensors")]
    [InlineData("e.pth")]
    [InlineData("e.onnx")]
    [InlineData("e.pkl")]
    public void A_file_is_written_from_where_the_numbers_lie(string name)
    {
        using Encoder encoder = Make(1);
        long allocated = long.MaxValue;
        for (int i = 0; i < 2; i++) // what is made once is made the first time
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (name.EndsWith("onnx", StringComparison.Ordinal)) encoder.SaveOnnx(folder.File(name), height: 16, width: 16);
            else if (name.EndsWith("pkl", StringComparison.Ordinal)) encoder.SaveDetectron2(folder.File(name));
            else encoder.SaveEncoder(folder.File(name));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Assert.InRange(allocated, 0, 2 << 20);
    }

    private static EncoderOptions Options { get; } = new()
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImageStride2,
        InputChannels = 1,
        Width = 0.125,
        EmbeddingDimension = 8,
        BatchNormSplits = 1,
    };

    private static Encoder Make(int seed) => Encoder.Create(Options, seed: seed);
}
