using System.Text.Json;
using MoCo.Contrast.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Losses;

public sealed class InfoNceTests
{
    [Theory]
    [InlineData("tau_0.07.json")]
    [InlineData("tau_0.2.json")]
    public void Loss_measures_and_gradient_equal_PyTorchs(string file)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement fixture = Fixture.Read("infonce", file);
        Tensor q = Fixture.Tensor(fixture.GetProperty("q")).requires_grad_(), k = Fixture.Tensor(fixture.GetProperty("k")),
            queue = Fixture.Tensor(fixture.GetProperty("queue"));
        ContrastiveLoss loss = new InfoNce(fixture.GetProperty("temperature").GetDouble()).Compute(q, k, queue.t());
        loss.Loss.backward();

        Assert.Equal(fixture.GetProperty("loss").GetDouble(), loss.Loss.item<double>(), 1e-6);
        Assert.Equal(fixture.GetProperty("contrast_accuracy").GetDouble(), loss.Accuracy.item<double>(), 1e-12);
        Assert.Equal(fixture.GetProperty("mean_positive_similarity").GetDouble(), loss.PositiveSimilarity.item<double>(), 1e-6);
        Assert.Equal(fixture.GetProperty("mean_negative_similarity").GetDouble(), loss.NegativeSimilarity.item<double>(), 1e-6);
        Fixture.Near(Fixture.Tensor(fixture.GetProperty("grad_q")), q.grad!, 1e-6, "gradient of q");
    }

    [Theory]
    [InlineData(1024)]
    [InlineData(5000)]
    [InlineData(null)]
    public void The_blocked_loss_equals_the_four_lines_of_Algorithm_1(int? blockLogits)
    {
        using DisposeScope scope = NewDisposeScope();
        const double temperature = 0.07;
        using Generator generator = new(3, CPU);
        Tensor q = Unit(24, 32, generator), k = Unit(24, 32, generator), queue = Unit(1001, 32, generator);
        Tensor naiveQuery = q.clone().requires_grad_();
        Tensor logits = cat([(naiveQuery * k).sum(1, keepdim: true), naiveQuery.matmul(queue.t())], 1).Over(temperature);
        Tensor naive = nn.functional.cross_entropy(logits, zeros(24, dtype: ScalarType.Int64));
        naive.backward();

        q.requires_grad_();
        ContrastiveLoss loss = new InfoNce(temperature, blockLogits).Compute(q, k, queue);
        loss.Loss.Times(3L).backward();

        Assert.Equal(naive.item<double>(), loss.Loss.item<double>(), 1e-6);
        Fixture.Near(naiveQuery.grad!.Times(3L), q.grad!, 1e-6, "gradient of q");
        Assert.Equal(logits.argmax(1).eq(zeros(1, ScalarType.Int64)).to(ScalarType.Float64).mean()
            .item<double>(), loss.Accuracy.item<double>(), 1e-12);
    }

    [Fact]
    public void Keys_and_queue_get_no_gradient()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(4, CPU);
        Tensor q = Unit(4, 8, generator).requires_grad_(), k = Unit(4, 8, generator).requires_grad_(), queue = Unit(16, 8, generator)
            .requires_grad_();
        new InfoNce(0.2).Compute(q, k, queue).Loss.backward();
        Assert.InRange(q.grad!.abs().max().item<double>(), 1e-3, 10);
        Assert.Null(k.grad);
        Assert.Null(queue.grad);
    }

    [Fact]
    public void A_model_that_knows_nothing_has_the_loss_of_guessing()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(5, CPU);
        // in 4,096 dimensions random unit vectors are almost orthogonal: all logits are near 0
        ContrastiveLoss loss = new InfoNce(1).Compute(Unit(64, 4096, generator), Unit(64, 4096, generator), Unit(255, 4096, generator));
        Assert.Equal(Math.Log(256), loss.Loss.item<double>(), 0.02);
        Assert.InRange(loss.Spread.item<double>(), 0.95, 1.0);
    }

    [Fact]
    public void Large_logits_stay_finite()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(6, CPU);
        Tensor q = Unit(8, 16, generator).to(ScalarType.Float32).requires_grad_();
        Tensor queue = Unit(2000, 16, generator).to(ScalarType.Float32);
        ContrastiveLoss loss = new InfoNce(0.001, 1024).Compute(q, -q.detach(), queue); // logits up to ±1000
        loss.Loss.backward();
        Assert.True(float.IsFinite(loss.Loss.item<float>()));
        Assert.True(q.grad!.isfinite().all().item<bool>());
    }

    [Fact]
    public void Where_every_key_is_left_out_the_measures_are_numbers()
    {
        using Tensor q = Unit(2, 4, new Generator(3, CPU)), numbers = zeros(2, ScalarType.Int64), keys = zeros(6, ScalarType.Int64);
        using Tensor queue = Unit(6, 4, new Generator(4, CPU));
        using ContrastiveLoss loss = new InfoNce(0.2).Compute(q, q, queue, (numbers, keys), null);
        Assert.Equal(0, loss.Loss.item<double>(), 1e-9);
        Assert.Equal(0, loss.NegativeSimilarity.item<double>());
    }

    [Fact]
    public void Keys_of_another_type_or_shape_are_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(7, CPU);
        Tensor q = Unit(4, 8, generator);
        InfoNce infoNce = new(0.2);
        Assert.Contains("k is Float32 on cpu; expected Float64 on cpu as q",
            Assert.Throws<ArgumentException>(() => infoNce.Compute(q, q.to(ScalarType.Float32), q)).Message, StringComparison.Ordinal);
        Assert.Contains("negatives are 4×7; expected K×8",
            Assert.Throws<ArgumentException>(() => infoNce.Compute(q, q, Unit(4, 7, generator))).Message, StringComparison.Ordinal);
    }

    private static Tensor Unit(int count, int dimension, Generator generator)
        => nn.functional.normalize(randn(count, dimension, dtype: ScalarType.Float64, generator: generator), dim: 1);
}
