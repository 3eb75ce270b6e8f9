using System.Text.Json;
using MoCo.Contrast;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Loading;
using MoCo.Training;
using MoCo.Training.Checkpoints;
using Pretrain.Plans;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Encoders;

/// <summary>Networks that a program registers: a run, its files and its options know them by their names.</summary>
public sealed class OwnBackboneTests : IDisposable
{
    private static readonly Backbone Own = Backbone.Register(
        "OwnNetwork", (options, generator) => new OwnNetwork(options.InputChannels, generator), OwnNetwork.Features);

    private static readonly MoCoOptions Options = TrainerFixture.Options with
    {
        Encoder = TrainerFixture.Options.Encoder with { Backbone = Own, BatchNormSplits = 1 },
        Epochs = 1,
    };

    private readonly TemporaryFolder folder = new();
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
    }

    [Theory]
    [InlineData(MethodKind.MoCo, HeadKind.Mlp)]
    [InlineData(MethodKind.MoCoV3, HeadKind.BatchNormMlp)]
    [InlineData(MethodKind.ContrastiveClustering, HeadKind.Direct)]
    public void A_run_goes_on_bit_for_bit_from_its_checkpoint(MethodKind method, HeadKind head)
    {
        MoCoOptions options = Options with
        {
            Method = method,
            Encoder = Options.Encoder with { Head = head, HiddenDimension = 24 },
            Clustering = new() { Clusters = 4 },
        };
        using MoCoTrainer trainer = new(options);
        using TwoCropLoader loader = TrainerFixture.Loader(options);
        TwoCropBatch[] batches = [.. loader.Epoch(0)];
        foreach (TwoCropBatch batch in batches[..2]) trainer.Step(batch);
        trainer.Save(folder.File("own.ckpt"));
        using MoCoTrainer resumed = MoCoTrainer.Resume(folder.File("own.ckpt"));
        Assert.Equal(options, resumed.Options);
        foreach (TwoCropBatch batch in batches[2..]) Assert.Equal(trainer.Step(batch).Loss, resumed.Step(batch).Loss);
        foreach (TwoCropBatch batch in batches) batch.Dispose();

        trainer.QueryEncoder.SaveEncoder(folder.File("own.safetensors"));
        using Encoder opened = EncoderFiles.Open(folder.File("own.safetensors"));
        Tensor images = rand(3, 1, 16, 16);
        opened.eval();
        trainer.QueryEncoder.eval();
        using (no_grad()) Fixture.Near(trainer.QueryEncoder.call(images), opened.call(images), 1e-6, "embeddings");
        Assert.Equal(options.Encoder, opened.Options);
    }

    [Fact]
    public void A_checkpoint_of_a_network_that_is_not_registered_says_its_name_and_what_to_do()
    {
        using MoCoTrainer trainer = new(Options);
        string path = folder.File("own.ckpt");
        string json = StoredOptions.Write(Options).Replace("\"OwnNetwork\"", "\"Elsewhere\"", StringComparison.Ordinal);
        CheckpointPosition position = new(json, 0, 0, 0, null, new StepCounters());
        Checkpoint.Write(path, position, [.. trainer.Method.state_dict().Select(e => (e.Key, e.Value))]);
        string own = "Backbone is Elsewhere; expected one of ResNet18, ";
        foreach (Action read in (Action[])[() => MoCoTrainer.Resume(path), () => MoCoTrainer.ReadOptions(path)])
        {
            string message = Assert.Throws<InvalidDataException>(read).Message;
            Assert.StartsWith($"{path} holds options that this version does not understand: ", message, StringComparison.Ordinal);
            Assert.Contains($"Encoder.{own}", message, StringComparison.Ordinal);
            Assert.Contains("or a name that this program has given to Backbone.Register", message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Weights_are_the_seeds_also_those_of_TorchSharps_layers_and_torchs_own_numbers_stay()
    {
        random.manual_seed(5);
        float expected = rand(1).item<float>();
        random.manual_seed(5);
        EncoderOptions options = Options.Encoder with { Head = HeadKind.Direct };
        using Encoder first = Encoder.Create(options, seed: 3), again = Encoder.Create(options, seed: 3),
            other = Encoder.Create(options, seed: 4);
        Assert.Equal(expected, rand(1).item<float>());
        foreach ((string name, Tensor value) in first.state_dict()) Fixture.Near(value, again.state_dict()[name], 0, name);
        Assert.NotEqual(first.Backbone.state_dict()["conv1.weight"].AllBytes(), other.Backbone.state_dict()["conv1.weight"].AllBytes());
    }

    [Fact]
    public void Names_are_taken_once_and_equal_in_any_case()
    {
        Assert.Equal(Own, Backbone.Of("ownnetwork"));
        Assert.Equal(Own, JsonSerializer.Deserialize<Backbone>("\"OWNNETWORK\""));
        Assert.Equal("\"OwnNetwork\"", JsonSerializer.Serialize(Own));
        Assert.Equal(Backbone.ResNet34, JsonSerializer.Deserialize<Backbone>("1"));
        foreach (string wrong in (string[])["-1", "9999", "true", "\"\""])
            Assert.ThrowsAny<JsonException>(() => JsonSerializer.Deserialize<EncoderOptions>($$"""{ "Backbone": {{wrong}} }"""));
        Assert.Contains(Own, Backbone.All);
        foreach (string taken in (string[])["OwnNetwork", "resnet18"])
            Assert.Contains($"name is '{taken}', a backbone that is there already",
                Assert.Throws<ArgumentException>(() => Backbone.Register(taken, (_, _) => nn.Identity(), 1)).Message,
                StringComparison.Ordinal);
        Assert.ThrowsAny<ArgumentException>(() => Backbone.Register(" ", (_, _) => nn.Identity(), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Backbone.Register("narrow", (_, _) => nn.Identity(), 0));
        Assert.ThrowsAny<ArgumentException>(() => Encoder.Create(new EncoderOptions { Backbone = null! }));
    }

    [Fact]
    public void Another_width_than_was_registered_and_a_null_are_told()
    {
        Backbone wide = Backbone.Register("wider", (options, generator) => new OwnNetwork(1, generator), OwnNetwork.Features + 1);
        using Encoder encoder = Encoder.Create(Options.Encoder with { Backbone = wide });
        Assert.Equal("The backbone wider made 2×20 features of 2 images; expected 2×21, as it was registered.",
            Assert.Throws<InvalidOperationException>(() => encoder.call(rand(2, 1, 16, 16))).Message);
        Backbone none = Backbone.Register("none", (_, _) => null!, 1);
        Assert.Contains("gave null", Assert.Throws<InvalidOperationException>(
            () => Encoder.Create(Options.Encoder with { Backbone = none, EmbeddingDimension = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_for_residual_networks_alone_is_refused()
    {
        Refused(Options with { Precision = Precision.BFloat16 },
            "Precision is BFloat16; expected Float32 with Encoder.Backbone OwnNetwork");
        Refused(Options with { KeyEncoder = new() { Sharing = KeyEncoderSharing.Partial, SharedStages = 1 } },
            "KeyEncoder.Sharing is Partial; expected Separate or Shared with Encoder.Backbone OwnNetwork");
        Assert.Contains("Encoder.Backbone is OwnNetwork; expected one of ResNet18, ",
            Assert.Throws<ArgumentException>(() => MemoryPlan.Of(Options, 16)).Message, StringComparison.Ordinal);
        using Encoder encoder = Encoder.Create(Options.Encoder);
        Assert.Contains("backbone is a OwnNetwork; expected a ResNet",
            Assert.Throws<NotSupportedException>(() => encoder.SaveOnnx(folder.File("a.onnx"))).Message, StringComparison.Ordinal);

        static void Refused(MoCoOptions options, string message)
            => Assert.Contains(message, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_registers_a_network_has_it_among_its_flags()
    {
        Backbone own = Own; // registered before the flags are read
        Setting arch = Settings.All.Single(setting => setting.Name == "arch");
        Plan plan = arch.Apply(Plan.For(Plan.UsualPreset), Settings.Parse(["--arch", "own-network"]));
        Assert.Equal((own, "ownnetwork"), (plan.Options.Encoder.Backbone, arch.Read(plan)));
        Assert.Contains("--arch is 'nothing'; expected one of resnet18, ",
            Assert.Throws<global::Samples.UsageException>(() => Settings.Parse(["--arch", "nothing"])).Message, StringComparison.Ordinal);
    }

    /// <summary>Names as a ResNet's, one of which is taken for a classifier there; a parameter made by hand; weights of TorchSharp's
    /// own.</summary>
    private sealed class OwnNetwork : nn.Module<Tensor, Tensor>
    {
        public const int Features = 20;

        private readonly Conv2d conv1;
        private readonly nn.Module<Tensor, Tensor> bn1;
        private readonly Linear fc;
        private readonly Parameter scale;

        public OwnNetwork(int channels, Generator generator)
            : base(nameof(OwnNetwork))
        {
            conv1 = nn.Conv2d(channels, 8, 3, stride: 2);
            bn1 = new SplitBatchNorm2d(8, 1);
            fc = nn.Linear(8, Features);
            scale = new Parameter(rand(Features, generator: generator));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using DisposeScope scope = NewDisposeScope();
            return fc.call(bn1.call(conv1.call(input)).relu().mean([2L, 3L])).mul(scale).MoveToOuterDisposeScope();
        }
    }
}
