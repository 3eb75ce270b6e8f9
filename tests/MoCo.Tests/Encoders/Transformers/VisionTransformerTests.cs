using System.Text.Json;
using MoCo.Augmentation;
using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Encoders.Transformers;
using MoCo.Loading;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders.Transformers;

public sealed class VisionTransformerTests : IDisposable
{
    private static readonly JsonElement Values = Fixture.Read("networks", "vit.json");
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Theory]
    [InlineData("vit_small", nameof(Backbone.ViTSmall), 384)]
    [InlineData("vit_small", nameof(Backbone.ViTSmall6Heads), 384)]
    [InlineData("vit_base", nameof(Backbone.ViTBase), 768)]
    public void Names_shapes_and_number_of_parameters_are_timms(string name, string backbone, int width)
    {
        EncoderOptions options = new() { Backbone = Backbone.Of(backbone), BatchNormSplits = 1 };
        using nn.Module<Tensor, Tensor> network = Encoder.Create(options).Backbone;
        IEnumerable<string> shapes = network.state_dict().Select(e => $"{e.Key}: {string.Join("x", e.Value.shape)}");
        string[] expected = [.. File.ReadAllLines(Fixture.Path("shapes", name + ".txt"))
            .Where(line => !line.StartsWith("head.", StringComparison.Ordinal))];
        Assert.Equal(expected.Order(), shapes.Order());
        long classifier = 1000L * width + 1000, positions = 197L * width; // fixed here, a frozen parameter there
        Assert.Equal(Fixture.Read("shapes", "counts.json").GetProperty(name).GetInt64(),
            network.parameters().Sum(parameter => parameter.NumberOfElements) + positions + classifier);
        Assert.Equal(width, options.FeatureDimension);
    }

    [Fact]
    public void Features_and_gradients_equal_PyTorchs()
    {
        using VisionTransformer network = Filled();
        Tensor made = network.call(FormulaWeights.Images([2, 3, 224, 224]));
        Fixture.Near(Fixture.Tensor(Values.GetProperty("usual")), made, 1e-5, "features");
        made.Squared().sum().backward();
        Dictionary<string, Parameter> parameters = network.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter);
        foreach (JsonProperty expected in Values.GetProperty("gradients").EnumerateObject())
        {
            Tensor gradient = Fixture.Tensor(expected.Value);
            Fixture.Near(gradient, parameters[expected.Name].grad!, 1e-5 * Math.Max(1, gradient.abs().max().item<double>()), expected.Name);
        }
    }

    [Fact]
    public void Positions_of_other_sizes_are_computed_and_learnt_ones_are_stretched_as_timms()
    {
        using IDisposable constant = no_grad();
        using VisionTransformer network = Filled();
        Near("stretched", 96);
        network.state_dict()["pos_embed"].copy_(VisionTransformer.Positions(14, 14, 48));
        for (int again = 0; again < 2; again++)
            Near("computed", 32);
        Fixture.Near(Fixture.Tensor(Values.GetProperty("positions")), VisionTransformer.Positions(3, 2, 8), 1e-7, "positions");

        void Near(string what, int width)
            => Fixture.Near(Fixture.Tensor(Values.GetProperty(what)), network.call(FormulaWeights.Images([2, 3, 64, width])), 1e-5, what);
    }

    /// <summary>The bounds of MoCo v3's vits.py: Glorot's for every layer, query, key and value apart.</summary>
    [Fact]
    public void Weights_begin_as_in_MoCo_v3s_code()
    {
        using Generator generator = new(1, CPU);
        using VisionTransformer network = new(new TransformerSize(64, 1, 2), 3, Precision.Float32, generator);
        Dictionary<string, Tensor> state = network.state_dict();
        foreach ((string name, double sum) in new[]
        {
            ("blocks.0.attn.qkv.weight", 128.0), ("blocks.0.attn.proj.weight", 128), ("blocks.0.mlp.fc1.weight", 320),
            ("blocks.0.mlp.fc2.weight", 320), ("patch_embed.proj.weight", 768 + 64),
        })
        {
            double bound = Math.Sqrt(6 / sum);
            Assert.InRange(state[name].abs().max().item<float>(), 0.98 * bound, bound);
            Assert.InRange(state[name].std().item<float>(), 0.95 * bound / Math.Sqrt(3), 1.05 * bound / Math.Sqrt(3));
        }
        Assert.InRange(state["cls_token"].std().item<float>(), 0.5e-6, 2e-6);
        foreach ((string name, Tensor value) in state)
            if (name.EndsWith("bias", StringComparison.Ordinal)) Fixture.Near(zeros_like(value), value, 0, name);
            else if (name.Contains("norm", StringComparison.Ordinal)) Fixture.Near(ones_like(value), value, 0, name);
    }

    [Theory]
    [InlineData(MethodKind.MoCo, HeadKind.Mlp)]
    [InlineData(MethodKind.MoCoV3, HeadKind.BatchNormMlp)]
    public void A_run_learns_but_for_the_patch_projection_and_goes_on_from_its_checkpoint(MethodKind method, HeadKind head)
    {
        using TemporaryFolder folder = new();
        MoCoOptions options = Tiny(method, head);
        using MoCoTrainer trainer = new(options);
        Dictionary<string, byte[]> before
            = trainer.QueryEncoder.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.AllBytes());
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        TwoCropBatch[] batches = [.. loader.Epoch(0)];
        foreach (TwoCropBatch batch in batches[..2]) trainer.Step(batch);
        foreach ((string name, Parameter parameter) in trainer.QueryEncoder.named_parameters())
        {
            bool isFrozen = name.StartsWith("backbone.patch_embed.", StringComparison.Ordinal);
            Assert.True(parameter.requires_grad != isFrozen, name);
            Assert.True(before[name].AsSpan().SequenceEqual(parameter.AllBytes()) == isFrozen, name);
        }
        trainer.Save(folder.File("vit.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("vit.ckpt"));
        foreach (TwoCropBatch batch in batches[2..]) Assert.Equal(trainer.Step(batch).Loss, resumed.Step(batch).Loss);
        foreach (TwoCropBatch batch in batches) batch.Dispose();
    }

    [Fact]
    public void Heads_of_MoCo_v3_have_a_layer_more_than_on_a_ResNet_and_the_predictor_ends_normed()
    {
        EncoderOptions wide = MoCoOptions.V3.Encoder with { Backbone = Backbone.ViTSmall, Width = 0.0625 };
        using MoCoTrainer trainer = new(MoCoOptions.V3 with { Encoder = wide, BatchSize = 2 });
        string Shapes(string part) => string.Join(", ", trainer.Method.state_dict()
            .Where(entry => entry.Key.StartsWith(part + ".", StringComparison.Ordinal) && entry.Value.dim() > 0)
            .Select(entry => $"{entry.Key[(part.Length + 8)..]} {string.Join("×", entry.Value.shape)}").Order());
        const string Norms = "1.bias 4096, 1.running_mean 4096, 1.running_var 4096, 1.weight 4096, ";
        Assert.Equal($"0.weight 4096×32, {Norms}3.weight 4096×4096, {Norms.Replace("1.", "4.")}"
            + "6.weight 256×4096, 7.running_mean 256, 7.running_var 256", Shapes("encoder_q.head"));
        Assert.Equal($"0.weight 4096×256, {Norms}3.weight 256×4096, 4.running_mean 256, 4.running_var 256", Shapes("predictor"));
    }

    [Fact]
    public void Bfloat16_differs_from_float32_by_rounding_and_gradients_are_float32()
    {
        using Encoder exact = Encoder.Create(Tiny().Encoder), half = Encoder.Create(Tiny().Encoder, Precision.BFloat16);
        Tensor images = FormulaWeights.Images([4, 1, 32, 32]);
        Tensor expected = exact.features(images), actual = half.features(images);
        Assert.Equal(ScalarType.Float32, actual.dtype);
        Assert.InRange(actual.sub(expected).norm().item<float>() / expected.norm().item<float>(), 1e-5, 0.05);
        actual.sum().backward();
        Assert.All(half.Backbone.parameters().Where(p => p.requires_grad), p => Assert.Equal(ScalarType.Float32, p.grad!.dtype));
    }

    [Fact]
    public void What_it_has_no_use_for_is_refused_and_so_are_sides_that_patches_do_not_fill()
    {
        MoCoOptions options = Tiny() with { Encoder = Tiny().Encoder with { Stem = Stem.SmallImage, BatchNormSplits = 8 } };
        string message = Assert.Throws<ArgumentException>(options.Validate).Message;
        Assert.Contains("Encoder.Stem is SmallImage; expected ImageNet with Backbone ViTSmall", message, StringComparison.Ordinal);
        Assert.Contains("Encoder.BatchNormSplits is 8; expected 1 with Backbone ViTSmall", message, StringComparison.Ordinal);
        Tiny().Validate(2);
        using Encoder encoder = Encoder.Create(Tiny().Encoder);
        Assert.Contains("input is 2×1×28×28; expected N×1×H×W with H and W multiples of 16",
            Assert.Throws<ArgumentException>(() => encoder.call(rand(2, 1, 28, 28))).Message, StringComparison.Ordinal);
        using TwoCropLoader loader = new(new TrainerFixture.NoiseImages(40), AugmentationRecipe.Grey(28));
        Assert.Contains("views of 28 pixels; expected a multiple of 16, the side of a patch, with Encoder.Backbone ViTSmall",
            Assert.Throws<ArgumentException>(() => Tiny().CheckBatches(loader)).Message, StringComparison.Ordinal);
        Assert.Contains("Encoder.Backbone is ViTSmall; expected one of ResNet18, ",
            Assert.Throws<ArgumentException>(() => MemoryPlan.Of(Tiny(), 32)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Passes_leave_no_tensors()
    {
        using Encoder encoder = Encoder.Create(Tiny().Encoder);
        Pass();
        long before = LiveTensors.Settled();
        for (int i = 0; i < 5; i++) Pass();
        Assert.Equal(before, LiveTensors.Settled());

        void Pass()
        {
            using Tensor images = rand(2, 1, 32, 48), made = encoder.call(images), sum = made.sum();
            sum.backward();
        }
    }

    internal static MoCoOptions Tiny(MethodKind method = MethodKind.MoCo, HeadKind head = HeadKind.Linear) => TrainerFixture.Options with
    {
        Method = method,
        Encoder = new()
        {
            Backbone = Backbone.ViTSmall,
            Width = 0.0625,
            InputChannels = 1,
            Head = head,
            HiddenDimension = 24,
            EmbeddingDimension = 16,
            BatchNormSplits = 1,
        },
    };

    private static VisionTransformer Filled()
    {
        using Generator generator = new(0, CPU);
        VisionTransformer network = new(new TransformerSize(48, 2, 3), 3, Precision.Float32, generator);
        using IDisposable constant = no_grad();
        FormulaWeights.Fill(network, [.. Values.GetProperty("names").EnumerateArray().Select(name => name.GetString()!)]);
        return network;
    }
}
