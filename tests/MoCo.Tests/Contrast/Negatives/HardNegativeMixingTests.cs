using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Negatives;

public sealed class HardNegativeMixingTests
{
    private const double Temperature = 0.2;

    [Fact]
    public void Points_are_unit_mixes_of_the_hardest_keys_and_of_them_with_the_query()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3, CPU);
        // In as many dimensions as keys a mix says which keys it is made of.
        Tensor keys = eye(40, dtype: ScalarType.Float64), q = Unit(5, 40, generator);
        HardNegativeMixing mixing = new(new() { Hardest = 8, Pairs = 50, WithQuery = 30, FromEpoch = 2 }, seed: 1);
        Assert.False(mixing.IsOn(1));
        Assert.True(mixing.IsOn(2));
        MixedNegatives mixed = mixing.Mix(q.requires_grad_(), keys, null, step: 4);
        Assert.False(mixed.Similarities.requires_grad);
        q = q.detach();
        Tensor points = Points(mixed, q, keys);
        Assert.Equal([5L, 80, 40], points.shape);
        Fixture.Near(points.matmul(q.unsqueeze(2)).squeeze(2), mixed.Similarities, 1e-12, "q·h");
        Tensor weights = rand(5, 80, dtype: ScalarType.Float64, generator: generator);
        Fixture.Near((points * weights.unsqueeze(2)).sum(1), mixed.Sum(weights), 1e-12, "sum of weighted points");
        double[] shares = mixed.Share.data<double>().ToArray();
        Assert.All(shares.Index(), entry => Assert.InRange(entry.Item, 0, entry.Index % 80 < 50 ? 1 : 0.5));
        HashSet<int> used = [];
        for (int n = 0; n < 5; n++)
        {
            int[] hardest = [.. q[n].argsort(descending: true).data<long>().Take(8).Select(i => (int)i)];
            for (int point = 0; point < 80; point++)
            {
                double[] mix = points[n][point].data<double>().ToArray();
                if (point >= 50)
                {
                    // What is left when the query's share is taken away, found in a dimension outside the hardest, is one key.
                    int outside = Enumerable.Range(0, 40).First(i => !hardest.Contains(i));
                    double share = mix[outside] / q[n][outside].item<double>();
                    for (int i = 0; i < 40; i++) mix[i] -= share * q[n][i].item<double>();
                }
                int[] of = [.. Enumerable.Range(0, 40).Where(i => Math.Abs(mix[i]) > 1e-9)];
                Assert.InRange(of.Length, 1, point >= 50 ? 1 : 2);
                Assert.Subset(hardest.ToHashSet(), of.ToHashSet());
                used.UnionWith(of);
            }
        }
        Assert.True(used.Count > 12, $"only {used.Count} keys are ever mixed");
        Fixture.Near(points, Points(mixing.Mix(q, keys, null, step: 4), q, keys), 0, "the same step's points");
        Assert.NotEqual(points.sum().item<double>(), Points(mixing.Mix(q, keys, null, step: 5), q, keys).sum().item<double>());
    }

    [Fact]
    public void Keys_that_are_no_negatives_are_not_mixed_even_where_too_few_others_are_left()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(6, CPU);
        Tensor q = Unit(3, 16, generator), keys = Unit(40, 16, generator);
        // The queries of class 0 have 30 keys left, fewer than are asked for; that of class 1 has 10; that of class 2 none is like.
        Tensor own = tensor(new long[] { 0, 1, 2 }), others = tensor([.. Enumerable.Range(0, 40).Select(i => i % 4 == 0 ? 0L : 1)]);
        MixedNegatives mixed = new HardNegativeMixing(new() { Hardest = 32, Pairs = 200, WithQuery = 200 }, 1)
            .Mix(q, keys, (own, others), 0);
        foreach (Tensor chosen in new[] { mixed.First, mixed.Second })
        {
            long[] classes = others.take(chosen).data<long>().ToArray();
            Assert.DoesNotContain(0L, classes[..(classes.Length / 3)]);
            Assert.DoesNotContain(1L, classes[(classes.Length / 3)..(2 * classes.Length / 3)]);
        }
        Assert.All(mixed.Similarities.data<double>().ToArray(), value => Assert.InRange(value, -1, 1));

        // With no negative at all there is none to mix.
        MixedNegatives none = new HardNegativeMixing(new() { Hardest = 32, Pairs = 8, WithQuery = 4 }, 1)
            .Mix(q, keys, (zeros(3, ScalarType.Int64), zeros(40, ScalarType.Int64)), 0);
        ContrastiveLoss loss = new InfoNce(Temperature, 1024)
            .Compute(q.requires_grad_(), Unit(3, 16, generator), keys, (zeros(3, ScalarType.Int64), zeros(40, ScalarType.Int64)), none);
        loss.Loss.backward();
        Assert.Equal((0.0, 0.0), (loss.Loss.item<double>(), q.grad!.abs().max().item<double>()));
    }

    [Fact]
    public void Loss_and_gradient_equal_those_of_all_logits_side_by_side()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(4, CPU);
        Tensor q = Unit(6, 16, generator), k = Unit(6, 16, generator), keys = Unit(3000, 16, generator);
        MixedNegatives mixed = new HardNegativeMixing(new() { Hardest = 64, Pairs = 20, WithQuery = 10 }, 2).Mix(q, keys, null, 0);
        Tensor points = Points(mixed, q, keys);
        Tensor naive = q.clone().requires_grad_();
        Tensor logits = cat(
            [
                (naive * k).sum(1, keepdim: true), naive.matmul(keys.t()),
                stack(Enumerable.Range(0, 6).Select(n => points[n].matmul(naive[n]))),
            ], 1).Over(Temperature);
        Tensor expected = NaiveRun.CrossEntropy(logits, 0, 0, 0, 0, 0, 0);
        expected.backward();

        q.requires_grad_();
        ContrastiveLoss loss = new InfoNce(Temperature, 1024).Compute(q, k, keys, null, mixed);
        loss.Loss.backward();
        Assert.Equal(expected.item<double>(), loss.Loss.item<double>(), 1e-9);
        Fixture.Near(naive.grad!, q.grad!, 1e-9, "gradient of q");
    }

    [Fact]
    public void Keys_that_are_no_negatives_leave_loss_measures_and_mixes()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(5, CPU);
        Tensor q = Unit(6, 16, generator), k = Unit(6, 16, generator), keys = Unit(2000, 16, generator);
        Tensor own = tensor(new long[] { 3, 1, 4, 1, 5, -2 }),
            others = tensor([.. Enumerable.Range(0, 2000).Select(i => (long)(i % 7 - 1))]);
        Tensor naive = q.clone().requires_grad_();
        Tensor negatives = naive.matmul(keys.t());
        Tensor same = own.unsqueeze(1).eq(others), kept = same.logical_not().to(ScalarType.Float64);
        Tensor exponentials = negatives.Over(Temperature).exp() * kept, positive = (naive * k).sum(1).Over(Temperature);
        Tensor expected = (exponentials.sum(1).Plus(positive.exp()).log() - positive).mean();
        expected.backward();

        q.requires_grad_();
        ContrastiveLoss loss = new InfoNce(Temperature, 1024).Compute(q, k, keys, (own, others), null);
        loss.Loss.backward();
        Assert.Equal(expected.item<double>(), loss.Loss.item<double>(), 1e-9);
        Fixture.Near(naive.grad!, q.grad!, 1e-9, "gradient of q");
        Assert.Equal((negatives * kept).sum().item<double>() / kept.sum().item<double>(), loss.NegativeSimilarity.item<double>(), 1e-9);
    }

    /// <summary>The points made one by one, normalised by the definition.</summary>
    private static Tensor Points(MixedNegatives mixed, Tensor q, Tensor keys)
    {
        long points = mixed.Share.shape[1], pairs = mixed.First.shape[1];
        return stack(Enumerable.Range(0, (int)q.shape[0]).Select(n => stack(Enumerable.Range(0, (int)points).Select(point =>
        {
            Tensor a = point < pairs ? keys[mixed.First[n][point].item<long>()] : q[n], b = keys[mixed.Second[n][point].item<long>()];
            double share = mixed.Share[n][point].item<double>();
            Tensor mix = a.Times(share).Plus(b.Times(1 - share));
            return mix / mix.Squared().sum().sqrt();
        }))));
    }

    private static Tensor Unit(int count, int dimension, Generator generator)
        => nn.functional.normalize(randn(count, dimension, dtype: ScalarType.Float64, generator: generator), dim: 1);
}
