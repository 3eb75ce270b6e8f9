using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Losses;

/// <summary>The gradient of every loss against differences of its values.</summary>
public sealed class FiniteDifferenceTests
{
    private const double Step = 1e-5, Tolerance = 1e-8;

    [Fact]
    public void InfoNCE_with_mixed_and_left_out_negatives()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(2, CPU);
        Tensor k = Random(3, generator), keys = Random(1500, generator);
        Tensor own = tensor(new long[] { 0, 1, -2 }), others = tensor([.. Enumerable.Range(0, 1500).Select(i => (long)(i % 5))]);
        InfoNce loss = new(0.7, 1024);
        // Of keys alone: a mix with the query is constant, and would move with the differences.
        Tensor first = randint(0, 1500, [3, 3], dtype: ScalarType.Int64, generator: generator),
            second = randint(0, 1500, [3, 3], dtype: ScalarType.Int64, generator: generator),
            share = rand(3, 3, dtype: ScalarType.Float64, generator: generator);
        Check(q => loss.Compute(q, k, keys, (own, others), Mixed(q.detach())).Loss, Random(3, generator));

        MixedNegatives Mixed(Tensor q) => new(q, keys, q.matmul(keys.t()), first, second, share);
    }

    [Fact]
    public void The_batchs_other_keys_and_NT_Xent_on_both_sides()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3, CPU);
        Tensor a = Random(4, generator), b = Random(4, generator);
        Check(q => InBatchContrast.OfKeys(q, b, 0.7).Loss, a);
        Check(k => InBatchContrast.OfKeys(a, k, 0.7).Loss, b);
        Check(q => InBatchContrast.NtXent(q, b, 0.7).Loss, a);
        Check(k => InBatchContrast.NtXent(a, k, 0.7).Loss, b);
    }

    [Fact]
    public void Noise_contrast()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(4, CPU);
        Tensor own = Random(4, generator), drawn = Random(9, generator), q = Random(4, generator);
        using NoiseContrast loss = new(30, 0.7, CPU, ScalarType.Float64);
        using (Tensor first = loss.Compute(q, own, drawn)) Assert.True(loss.state_dict()["z"].item<double>() > 0);
        Check(x => loss.Compute(x, own, drawn), q);
    }

    [Fact]
    public void Contrastive_clustering_through_both_heads()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(3);
        Linear head = nn.Linear(4, 3).to(ScalarType.Float64);
        using ContrastiveClustering method = new(TinyBackbone.Encoder(type: ScalarType.Float64), head, 3, 4);
        Tensor a = randn(4, 1, 5, 5, dtype: ScalarType.Float64), b = randn(4, 1, 5, 5, dtype: ScalarType.Float64);
        Check(x => method.Forward(new StepInput(x, b, 0)).Loss, a);
    }

    [Fact]
    public void The_first_features_without_a_head()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(6, CPU);
        ProjectionHead head = new(HeadKind.Direct, 5, 3);
        Tensor other = Embed(Random(4, generator));
        Check(features => InBatchContrast.NtXent(Embed(features), other, 0.7).Loss, Random(4, generator));

        Tensor Embed(Tensor features) => nn.functional.normalize(head.call(features), dim: 1);
    }

    private static Tensor Random(int rows, Generator generator) => randn(rows, 5, dtype: ScalarType.Float64, generator: generator);

    private static void Check(Func<Tensor, Tensor> loss, Tensor at)
    {
        Tensor point = at.clone().requires_grad_();
        loss(point).backward();
        Tensor numeric = zeros_like(at);
        for (long i = 0; i < at.numel(); i++)
        {
            Tensor up = at.clone(), down = at.clone();
            up.view(-1)[i].copy_(up.view(-1)[i].Plus(Step));
            down.view(-1)[i].copy_(down.view(-1)[i].Minus(Step));
            numeric.view(-1)[i].copy_((loss(up) - loss(down)).Over(2 * Step));
        }
        Fixture.Near(numeric, point.grad!, Tolerance, "gradient");
    }
}
