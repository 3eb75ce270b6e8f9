using System.Text.Json;
using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Interop.PyTorch;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Interop;

/// <summary>Files of other people's code, made by PyTorch with networks of torchvision's: loaded here they give its outputs.</summary>
public sealed class WeightFileTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly JsonElement outputs = Fixture.Read("checkpoints", "outputs.json");

    public static TheoryData<string, WeightLayout, HeadKind> WithHeads => new()
    {
        { "official_v1.zip", WeightLayout.Official, HeadKind.Linear },
        { "official_v2.legacy", WeightLayout.Official, HeadKind.Mlp },
        { "lightly.zip", WeightLayout.Lightly, HeadKind.Mlp },
        { "sololearn.zip", WeightLayout.SoloLearn, HeadKind.Mlp },
        { "mmpretrain.zip", WeightLayout.MMPretrain, HeadKind.Mlp },
    };

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(WithHeads))]
    public void A_foreign_encoder_gives_its_own_features_and_embeddings(string name, WeightLayout layout, HeadKind head)
    {
        using Encoder encoder = Make(head);
        (WeightLayout found, WeightParts parts, _) = encoder.LoadEncoder(File(name));
        Assert.Equal((layout, WeightParts.Encoder), (found, parts));
        CheckOutputs(encoder, name.Split('.')[0], embeddings: true);
    }

    [Theory]
    [MemberData(nameof(WithHeads))]
    public void An_encoder_is_built_from_the_file_alone(string name, WeightLayout layout, HeadKind head)
    {
        using Encoder encoder = EncoderFiles.Open(File(name));
        Assert.Equal(Options with { Head = head }, ((ResNet)encoder.Backbone).Options);
        Assert.Equal((head, 16), (((ProjectionHead)encoder.Head).Kind, ((ProjectionHead)encoder.Head).EmbeddingDimension));
        CheckOutputs(encoder, name.Split('.')[0], embeddings: true);
        using WeightFile file = WeightFile.Open(File(name));
        Assert.Equal(layout, file.Layout);
        Assert.Equal(WeightParts.All, file.Parts);
    }

    [Theory]
    [MemberData(nameof(WithHeads))]
    public void A_whole_method_is_taken_over_with_key_encoder_and_queue(string name, WeightLayout layout, HeadKind head)
    {
        using MomentumContrast method = Method(head);
        (WeightLayout found, WeightParts parts, _) = method.LoadWeights(File(name));
        Assert.Equal((layout, WeightParts.All), (found, parts));
        CheckOutputs(method.QueryEncoder, name.Split('.')[0], embeddings: true);

        Dictionary<string, Tensor> q = method.QueryEncoder.state_dict(), k = method.KeyEncoder.state_dict();
        foreach ((string key, Tensor value) in q) Fixture.Near(key == "backbone.bn1.bias" ? value.Plus(0.25) : value, k[key], 1e-3, key);
        Assert.Equal(8, method.Queue.Position);
        using Tensor keys = method.Queue.Keys();
        Tensor expected = Fixture.Tensor(outputs.GetProperty("queue"), ScalarType.Float32);
        Fixture.Near(expected.t(), keys, name.Contains("v2", StringComparison.Ordinal) ? 0 : 1e-3, "queue");
        Fixture.Near(ones(24), keys.Squared().sum(1).sqrt(), 1e-6, "norms");
    }

    [Fact]
    public void Torchvisions_network_is_a_backbone_and_its_classifier_is_left()
    {
        using Encoder encoder = Make(HeadKind.Linear);
        (WeightLayout layout, _, IReadOnlyList<string> unused) = encoder.LoadBackbone(File("torchvision.zip"));
        Assert.Equal(WeightLayout.Backbone, layout);
        Assert.Equal(["fc.weight", "fc.bias"], unused);
        CheckOutputs(encoder, "torchvision", embeddings: false);
        using Encoder built = EncoderFiles.Open(File("torchvision.zip"));
        CheckOutputs(built, "torchvision", embeddings: false);
    }

    [Fact]
    public void A_backbone_starts_both_encoders_and_leaves_heads_and_queue()
    {
        using MomentumContrast method = Method(HeadKind.Mlp), untouched = Method(HeadKind.Mlp);
        Assert.Equal(WeightParts.Backbone, method.LoadWeights(File("torchvision.zip")).Parts);
        CheckOutputs(method.QueryEncoder, "torchvision", embeddings: false);
        CheckOutputs(method.KeyEncoder, "torchvision", embeddings: false);
        foreach ((string name, Tensor value) in untouched.state_dict())
            if (!name.Contains("backbone", StringComparison.Ordinal)) Fixture.Near(value, method.state_dict()[name], 0, name);
    }

    [Fact]
    public void Another_head_queue_or_network_is_refused_with_all_differences_and_nothing_is_loaded()
    {
        using MomentumContrast method = Method(HeadKind.Linear, 32), untouched = Method(HeadKind.Linear, 32);
        string message = Assert.Throws<InvalidDataException>(() => method.LoadWeights(File("official_v2.legacy"))).Message;
        string q = "state_dict.module.encoder_q.fc.", k = "state_dict.module.encoder_k.fc.";
        Assert.Equal($"{File("official_v2.legacy")} (layout Official) is of another model, 9 differences: "
            + $"unexpected {q}2.weight, {q}2.bias, {k}2.weight, {k}2.bias; "
            + $"{q}0.weight is 32×32 Float32, expected 16×32 Float32, {q}0.bias is 32 Float32, expected 16 Float32, "
            + $"{k}0.weight is 32×32 Float32, expected 16×32 Float32, {k}0.bias is 32 Float32, expected 16 Float32, "
            + "state_dict.module.queue is 16×24 Float32, expected 16×32.", message);
        foreach ((string name, Tensor value) in untouched.state_dict()) Fixture.Near(value, method.state_dict()[name], 0, name);

        Assert.Contains("state_dict.module.queue",
            method.LoadWeights(File("official_v2.legacy"), WeightParts.Backbone | WeightParts.KeyEncoder).Unused);
        CheckOutputs(method.QueryEncoder, "official_v2", embeddings: false);
        foreach ((string name, Tensor value) in untouched.state_dict())
            if (name.Contains(".head.", StringComparison.Ordinal)) Fixture.Near(value, method.state_dict()[name], 0, name);

        using Encoder deeper = Encoder.Create(Options with { Backbone = Backbone.ResNet34, Head = HeadKind.Mlp });
        message = Assert.Throws<InvalidDataException>(() => deeper.LoadEncoder(File("lightly.zip"))).Message;
        Assert.Contains("missing backbone.layer1.2.conv1.weight, backbone.layer1.2.bn1.weight, ", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_queue_alone_can_be_taken_and_a_file_without_one_says_so()
    {
        using MomentumContrast method = Method(HeadKind.Linear), untouched = Method(HeadKind.Linear);
        Assert.Equal(WeightParts.Queue, method.LoadWeights(File("official_v2.legacy"), WeightParts.Queue).Parts);
        Assert.Equal(8, method.Queue.Position);
        foreach ((string name, Tensor value) in untouched.QueryEncoder.state_dict())
            Fixture.Near(value, method.QueryEncoder.state_dict()[name], 0, name);
        Assert.Equal($"{File("torchvision.zip")} (layout Backbone) has none of Queue; it has Backbone.",
            Assert.Throws<InvalidDataException>(() => method.LoadWeights(File("torchvision.zip"), WeightParts.Queue)).Message);
    }

    [Fact]
    public void A_queue_whose_keys_are_no_unit_vectors_or_whose_pointer_is_outside_is_refused()
    {
        using TemporaryFolder folder = new();
        using MomentumContrast method = Method(HeadKind.Linear);
        method.SaveOfficial(folder.File("sound.pth"));
        using PyTorchCheckpoint sound = PyTorchCheckpoint.Open(folder.File("sound.pth"));
        Dictionary<string, Tensor> state
            = sound.Tensors.ToDictionary(entry => entry.Key["state_dict.".Length..], entry => entry.Value.Read());
        state["module.queue"].copy_(state["module.queue"].Times(2L));
        state["module.queue_ptr"].Fill(24);
        PyTorchWriter.Write(folder.File("off.pth"), state);
        string path = folder.File("off.pth");
        string refusal = Assert.Throws<InvalidDataException>(() => method.LoadWeights(path)).Message;
        Assert.Equal($"{path} (layout Official) is of another model, 2 differences: module.queue has a key whose length is off 1 by 1, "
            + "expected unit vectors, module.queue_ptr is 24, expected 0 to 23.", refusal);
    }

    [Theory]
    [InlineData("values.zip", "has tensors that are named module.weight, module.bias; expected the names of this library, torchvision")]
    [InlineData(
        "types.legacy", "has tensors that are named float32, float64, float16, bfloat16, int64, int32, int16, int8 and 4 more; expected")]
    public void Tensors_under_names_that_nobody_is_known_for_can_be_listed_but_no_encoder_be_loaded(string name, string message)
    {
        using (WeightFile file = WeightFile.Open(File(name)))
        {
            Assert.Equal((WeightLayout.Unknown, WeightParts.None), (file.Layout, file.Parts));
            Assert.All(file.Tensors.Values, tensor => tensor.Read());
        }
        using MomentumContrast method = Method(HeadKind.Linear);
        Action[] uses =
        [
            () => EncoderFiles.Open(File(name)), () => method.QueryEncoder.LoadBackbone(File(name)), () => method.LoadWeights(File(name)),
        ];
        foreach (Action use in uses) Assert.Contains(message, Assert.Throws<InvalidDataException>(use).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("official_v1.zip", "PyTorch, zip (1.6 and later)")]
    [InlineData("official_v2.legacy", "PyTorch, legacy (before 1.6)")]
    public void The_format_is_told(string name, string format)
    {
        using WeightFile file = WeightFile.Open(File(name));
        Assert.Equal(format, file.Format);
    }

    private static EncoderOptions Options { get; }
        = new() { Backbone = Backbone.ResNet18, Width = 0.0625, EmbeddingDimension = 16, BatchNormSplits = 1 };

    private static string File(string name) => Fixture.Path("checkpoints", name + ".pth");

    private static Encoder Make(HeadKind head, int seed = 9) => Encoder.Create(Options with { Head = head }, seed: seed);

    private static MomentumContrast Method(HeadKind head, int length = 24) => new(Make(head), Make(head), new KeyQueue(16, length));

    private void CheckOutputs(Encoder encoder, string name, bool embeddings)
    {
        using IDisposable _ = no_grad();
        encoder.eval();
        Tensor x = Counting(2 * 3 * 32 * 32).Times(37L).Remainder(64).to(ScalarType.Float32).Over(32).Minus(1).reshape(2, 3, 32, 32);
        Fixture.Near(Fixture.Tensor(outputs.GetProperty(name + ".features")), encoder.features(x), 1e-5, name + ".features");
        if (embeddings)
            Fixture.Near(Fixture.Tensor(outputs.GetProperty(name + ".embeddings")), encoder.call(x), 1e-5, name + ".embeddings");
    }
}
