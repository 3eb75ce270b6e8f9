using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Tests.Interop.Onnx;
using MoCo.Tests.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>What the files of every method give to other tools, and to other methods.</summary>
public sealed class MethodFilesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Methods => MethodRunTests.Names;

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void A_methods_encoder_is_the_same_from_its_checkpoint_its_exports_and_its_ONNX_model(string name)
    {
        MoCoOptions options = MethodRunTests.Runs[name];
        options = options with { Encoder = options.Encoder with { Backbone = Backbone.ResNet18 } }; // weights alone tell known networks
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = MethodRunTests.Start(options);
        MethodRunTests.Run(trainer, loader, 2);
        Encoder trained = trainer.QueryEncoder;
        trainer.Save(folder.File("run.ckpt"));
        trained.SaveEncoder(folder.File("e.safetensors"));
        trained.SaveEncoder(folder.File("e.pth"));
        trained.SaveBackbone(folder.File("b.pth"));
        trained.SaveOnnx(folder.File("e.onnx"), embeddings: true);
        trained.SaveDetectron2(folder.File("d.pkl"));

        using IDisposable constant = no_grad();
        trained.eval();
        Tensor x = rand(3, 1, 16, 16), features = trained.features(x), embeddings = trained.call(x);
        foreach (string file in new[] { "run.ckpt", "e.safetensors", "e.pth", "b.pth" })
        {
            using Encoder opened = EncoderFiles.Open(folder.File(file), options.Encoder.Stem);
            opened.eval();
            Fixture.Near(features, opened.features(x), 1e-5, $"features of {file}");
            // A state_dict tells nothing of a head without weights.
            if (file != "b.pth" && (file, options.Encoder.Head) is not ("e.pth", HeadKind.Direct))
                Fixture.Near(embeddings, opened.call(x), 1e-5, $"embeddings of {file}");
        }
        Fixture.Near(embeddings, OnnxSession.Run(folder.File("e.onnx"), x), 1e-4, "embeddings of the ONNX model");

        // Another run of the same method takes the checkpoint's encoders for its beginning.
        using MoCoTrainer other = new(options with { Seed = 99 });
        WeightParts wanted = WeightParts.All & ~WeightParts.Queue;
        (WeightLayout layout, WeightParts parts, _) = other.Method.LoadWeights(folder.File("run.ckpt"), wanted);
        Assert.Equal(WeightLayout.Checkpoint, layout);
        foreach ((string key, Tensor value) in trained.state_dict())
            Fixture.Near(value, other.QueryEncoder.state_dict()[key], 0, key);
        if (trainer.Method.OtherEncoder is { } follower)
            foreach ((string key, Tensor value) in follower.state_dict())
                Fixture.Near(value, other.Method.OtherEncoder!.state_dict()[key], 0, $"f_k's {key}");
        else Assert.False(parts.HasFlag(WeightParts.KeyEncoder));
    }

    [Theory]
    [InlineData(KeyEncoderSharing.Separate, 0)]
    [InlineData(KeyEncoderSharing.Shared, 0)]
    [InlineData(KeyEncoderSharing.Partial, 2)]
    public void An_official_checkpoint_goes_both_ways_whatever_the_encoders_share(KeyEncoderSharing sharing, int stages)
    {
        MoCoOptions options = MethodRunTests.Base with { KeyEncoder = new() { Sharing = sharing, SharedStages = stages, Momentum = 0.9 } };
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        using MoCoTrainer trainer = MethodRunTests.Start(options), back = new(options with { Seed = 99 });
        MethodRunTests.Run(trainer, loader, 3);
        MomentumContrast method = (MomentumContrast)trainer.Method, again = (MomentumContrast)back.Method;
        method.SaveOfficial(folder.File("o.pth.tar"), epoch: 1);
        using (WeightFile file = WeightFile.Open(folder.File("o.pth.tar")))
        {
            // The official code's module has two encoders, whatever they share here.
            Assert.Equal(file.Query.Keys.Count(), file.Key.Keys.Count());
            Assert.Equal((WeightLayout.Official, WeightParts.All), (file.Layout, file.Parts));
        }
        again.LoadWeights(folder.File("o.pth.tar"));
        Same(method.QueryEncoder, again.QueryEncoder, _ => true);
        Same(method.KeyEncoder, again.KeyEncoder, _ => true);
        Fixture.Near(method.Queue.Keys(), again.Queue.Keys(), 0, "queue");

        // A file whose encoders differ in all: what is shared is the query encoder's.
        MoCoOptions apart = MethodRunTests.Base with { KeyEncoder = new() { Momentum = 0.9 } };
        using MoCoTrainer foreign = MethodRunTests.Start(apart);
        MethodRunTests.Run(foreign, loader, 3);
        MomentumContrast two = (MomentumContrast)foreign.Method;
        two.SaveOfficial(folder.File("two.pth.tar"));
        again.LoadWeights(folder.File("two.pth.tar"));
        Same(two.QueryEncoder, again.QueryEncoder, _ => true);
        bool IsShared(string name) => sharing == KeyEncoderSharing.Shared || (sharing == KeyEncoderSharing.Partial
            && new[] { "conv1", "bn1", "layer1", "layer2" }.Any(
                part => name.StartsWith("backbone." + part, StringComparison.Ordinal)));
        Same(two.KeyEncoder, again.KeyEncoder, name => !IsShared(name));
        Same(two.QueryEncoder, again.KeyEncoder, IsShared);
    }

    [Fact]
    public void A_file_without_a_key_encoder_begins_both_encoders_of_every_method_that_has_two()
    {
        foreach (string name in new[] { "MoCo", "end-to-end", "MoCo v3" })
        {
            using MoCoTrainer trainer = new(MethodRunTests.Runs[name]), source = new(MethodRunTests.Runs[name] with { Seed = 99 });
            source.QueryEncoder.SaveEncoder(folder.File("e"));
            Assert.Equal(WeightParts.Encoder, trainer.Method.LoadWeights(folder.File("e")).Parts);
            Same(source.QueryEncoder, trainer.QueryEncoder, _ => true);
            Same(source.QueryEncoder, trainer.Method.OtherEncoder!, _ => true);
        }
    }

    [Fact]
    public void What_a_method_has_no_place_or_name_for_is_refused_by_name()
    {
        using MoCoTrainer clustering = new(MethodRunTests.Runs["Contrastive Clustering"]), v3 = new(MethodRunTests.Runs["MoCo v3"]);
        clustering.QueryEncoder.SaveEncoder(folder.File("e"));
        Assert.StartsWith("parts is Queue; expected some of Encoder, which a ContrastiveClustering has.",
            Assert.Throws<ArgumentException>(() => clustering.Method.LoadWeights(folder.File("e"), WeightParts.Queue)).Message,
            StringComparison.Ordinal);
        Assert.StartsWith("parts is KeyEncoder, Queue; expected some of Encoder", Assert.Throws<ArgumentException>(
            () => clustering.Method.LoadWeights(folder.File("e"), WeightParts.Queue | WeightParts.KeyEncoder)).Message,
            StringComparison.Ordinal);

        using MomentumContrast odd = new(
            Encoder.Create(MethodRunTests.Runs["MoCo v3"].Encoder), Encoder.Create(MethodRunTests.Runs["MoCo v3"].Encoder),
            new KeyQueue(16, 8));
        Assert.Contains("ResNet with a BatchNormMlp; the official code has names for a ResNet with a ProjectionHead only",
            Assert.Throws<NotSupportedException>(() => odd.SaveOfficial(folder.File("o"))).Message, StringComparison.Ordinal);
        using MoCoV3 foreign = new(Encoder.Create(MethodRunTests.Runs["MoCo v3"].Encoder),
            Encoder.Create(MethodRunTests.Runs["MoCo v3"].Encoder), nn.Linear(16, 16), 8);
        Assert.Equal("The predictor is a Linear; expected a BatchNormMlp.",
            Assert.Throws<NotSupportedException>(() => foreign.SaveOfficial(folder.File("o"))).Message);
        Assert.Equal("The method is ContrastiveClustering; the official codes have names for MoCo and MoCo v3 only.",
            Assert.Throws<NotSupportedException>(() => clustering.Method.SaveOfficial(folder.File("o"))).Message);
        Assert.False(System.IO.File.Exists(folder.File("o")));
        Assert.NotSame(v3.Method.QueryEncoder, Assert.IsType<Encoder>(v3.Method.KeyEncoder));
        Assert.Null(clustering.Method.KeyEncoder);
    }

    private static void Same(Encoder expected, Encoder actual, Func<string, bool> isWanted)
    {
        foreach ((string name, Tensor value) in expected.state_dict().Where(entry => isWanted(entry.Key)))
            Fixture.Near(value, actual.state_dict()[name], 0, name);
    }
}
