using System.Text.Json;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Losses;

/// <summary>The losses of MoCo's relatives and their gradients, against what PyTorch makes of the papers' formulas.</summary>
public sealed class PyTorchLossTests
{
    public static TheoryData<ScalarType, double> Types => new() { { ScalarType.Float64, 1e-10 }, { ScalarType.Float32, 1e-5 } };

    [Theory]
    [MemberData(nameof(Types))]
    public void End_to_end(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("end_to_end.json", type, tolerance);
        Tensor q = of.Leaf("q"), k = of.Leaf("k");
        of.Same(InBatchContrast.OfKeys(q, k, of.Number("temperature")).Loss, ("q", q), ("k", k));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void NT_Xent(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("nt_xent.json", type, tolerance);
        Tensor a = of.Leaf("a"), b = of.Leaf("b");
        of.Same(InBatchContrast.NtXent(a, b, of.Number("temperature")).Loss, ("a", a), ("b", b));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void A_memory_banks_InfoNCE_and_noise_contrast_whose_Z_is_the_first_batchs(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("memory_bank.json", type, tolerance);
        double temperature = of.Number("temperature");
        using NoiseContrast noise = new((int)of.Number("samples"), temperature, CPU, type);
        foreach (JsonElement batch in of.Root.GetProperty("batches").EnumerateArray())
        {
            Tensor Read(string name) => Fixture.Tensor(batch.GetProperty(name), type);
            Tensor q = Read("q").requires_grad_(), again = Read("q").requires_grad_();
            of.Same(batch.GetProperty("info_nce"), new InfoNce(temperature).Compute(q, Read("own"), Read("drawn")).Loss);
            Fixture.Near(Read("info_nce_grad"), q.grad!, tolerance, "InfoNCE's gradient");
            of.Same(batch.GetProperty("nce"), noise.Compute(again, Read("own"), Read("drawn")));
            Fixture.Near(Read("nce_grad"), again.grad!, tolerance, "noise contrast's gradient");
            double z = batch.GetProperty("z").GetDouble();
            Assert.Equal(z, noise.state_dict()["z"].to(ScalarType.Float64).item<double>(), tolerance * z);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Hard_negative_mixing_of_given_keys_and_shares(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("mochi.json", type, tolerance);
        Tensor q = of.Leaf("q"), k = of.Read("k"), queue = of.Read("queue"), still = q.detach();
        Tensor similarities = still.matmul(queue.t());
        MixedNegatives mixed = new(
            still, queue, similarities, of.Read("first", ScalarType.Int64), of.Read("second", ScalarType.Int64), of.Read("share"));
        double temperature = of.Number("temperature");
        Tensor logits = cat([(still * k).sum(1, keepdim: true), similarities, mixed.Similarities], 1).Over(temperature);
        Fixture.Near(of.Read("logits"), logits, 5 * tolerance, "logits");
        of.Same(new InfoNce(temperature).Compute(q, k, queue, null, mixed).Loss, ("q", q));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Contrastive_clusterings_rows_columns_and_entropy(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("clustering.json", type, tolerance);
        Linear instance = of.Layer("instance"), cluster = of.Layer("cluster");
        using ContrastiveClustering method = new(new Encoder(nn.Flatten(), instance), cluster, (int)of.Number("clusters"), 5,
            of.Number("tau_rows"), of.Number("tau_columns"));
        Tensor x1 = of.Leaf("x1"), x2 = of.Leaf("x2");
        of.Same(method.Forward(new StepInput(x1, x2, 0)).Loss,
            ("x1", x1), ("x2", x2), ("instance", instance.weight), ("cluster", cluster.weight));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void MoCo_v3_with_its_factor_of_2_tau(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        Figures of = new("mocov3.json", type, tolerance);
        Linear learns = of.Layer("base"), follows = of.Layer("base"), predictor = of.Layer("predictor");
        using MoCoV3 method = new(new Encoder(nn.Flatten(), learns), new Encoder(nn.Flatten(), follows), predictor, 5,
            temperature: of.Number("temperature"));
        Tensor x1 = of.Leaf("x1"), x2 = of.Leaf("x2");
        of.Same(method.Forward(new StepInput(x1, x2, 0)).Loss,
            ("x1", x1), ("x2", x2), ("base", learns.weight), ("predictor", predictor.weight));
        Assert.Null(follows.weight.grad);
    }

    /// <summary>A fixture in one type: what goes in, and the loss and gradients that must come out.</summary>
    private sealed class Figures(string file, ScalarType type, double tolerance)
    {
        public JsonElement Root { get; } = Fixture.Read("losses", file);

        public double Number(string name) => Root.GetProperty(name).GetDouble();

        public Tensor Read(string name, ScalarType? other = null) => Fixture.Tensor(Root.GetProperty(name), other ?? type);

        public Tensor Leaf(string name) => Read(name).requires_grad_();

        /// <summary>A linear layer without bias.</summary>
        public Linear Layer(string name)
        {
            Tensor weight = Read(name);
            Linear layer = nn.Linear(weight.shape[1], weight.shape[0], hasBias: false).to(type);
            using (no_grad()) layer.weight.copy_(weight);
            return layer;
        }

        public void Same(Tensor loss, params (string Name, Tensor Leaf)[] leaves)
        {
            Same(Root.GetProperty("loss"), loss);
            foreach ((string name, Tensor tensor) in leaves)
                Fixture.Near(Read("grad_" + name), tensor.grad!, tolerance, $"gradient of {name}");
        }

        public void Same(JsonElement expected, Tensor loss)
        {
            loss.backward();
            Assert.Equal(expected.GetDouble(), loss.to(ScalarType.Float64).item<double>(), tolerance);
        }
    }
}
