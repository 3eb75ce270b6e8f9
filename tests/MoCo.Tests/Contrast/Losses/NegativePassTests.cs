using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using MoCo.Contrast.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast.Losses;

public sealed class NegativePassTests
{
    [Fact]
    public void The_exponential_is_right_to_two_units_in_the_last_place()
    {
        for (float x = -86.9f; x <= 0; x += 0.00137f)
        {
            double exact = Math.Exp(x), off = Math.Abs(NegativePass.Exp(Vector512.Create(x))[0] - exact);
            Assert.True(off <= 2 * Math.Pow(2, -23) * exact, $"e^{x}: {off / exact} off");
        }
        Assert.Equal(1, NegativePass.Exp(default)[3]);
        foreach (float x in (ReadOnlySpan<float>)[-88, -1e30f, float.NegativeInfinity])
            Assert.Equal(0, NegativePass.Exp(Vector512.Create(x))[0]);
        Assert.True(float.IsNaN(NegativePass.Exp(Vector512.Create(float.NaN))[0]));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 5, 63)]
    [InlineData(16, 8, 64)]
    [InlineData(17, 128, 65)]
    [InlineData(64, 33, 1001)]
    [InlineData(81, 130, 700)]
    [InlineData(128, 128, 4096)]
    [InlineData(129, 128, 131)]
    public void Sums_equal_those_of_all_logits_at_once_in_float64(int batch, int dimension, int count)
    {
        SkipWithoutAvx512();
        foreach (int threads in (ReadOnlySpan<int>)[1, 3])
        {
            using HeldThreads held = new(threads);
            using DisposeScope scope = NewDisposeScope();
            Case made = new(batch, dimension, count);
            Tensor logits = made.Logits;
            Near(logits.sum(), made.Sum, 1e-3); // numbers of both signs
            Assert.Equal((double)batch * count, made.Left.item<float>());
            made.Check(logits);
        }
    }

    [Fact]
    public void Negatives_with_the_querys_number_are_left_out()
    {
        SkipWithoutAvx512();
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(8, CPU);
        Tensor queries = randint(0, 9, [70], ScalarType.Int64, generator: generator);
        Tensor keys = randint(0, 9, [300], ScalarType.Int64, generator: generator);
        Case made = new(70, 24, 300, (queries, keys));
        Tensor same = queries.unsqueeze(1).eq(keys), logits = made.Logits;
        Assert.InRange(same.sum().item<long>(), 1_000, 5_000); // many in a row, several in a key's column
        Near(logits.masked_fill(same, 0.0.ToScalar()).sum(), made.Sum, 1e-3);
        Assert.Equal(70 * 300 - same.sum().item<long>(), made.Left.item<float>());
        made.Check(logits.masked_fill(same, double.NegativeInfinity.ToScalar()));
    }

    [Fact]
    public void A_row_with_a_number_that_is_none_has_no_sum()
    {
        SkipWithoutAvx512();
        using DisposeScope scope = NewDisposeScope();
        Tensor queries = zeros(2, 40), k = zeros(2, 40), positive = zeros(2, 1);
        queries[1, 17].copy_(tensor(float.NaN));
        SoftmaxSums sums = new(positive, k);
        NegativePass.Add(queries, zeros(100, 40), null, sums, zeros(2, 1));
        Assert.Equal(101, sums.Partition[0, 0].item<float>());
        Assert.True(float.IsNaN(sums.Partition[1, 0].item<float>()));
    }

    [Fact]
    public void Queries_and_keys_may_lie_in_columns()
    {
        SkipWithoutAvx512();
        using DisposeScope scope = NewDisposeScope();
        Case made = new(20, 12, 90, inColumns: true);
        made.Check(made.Logits);
    }

    [Fact]
    public void Every_processor_with_avx_512_takes_queries_in_float32()
    {
        using Tensor float32 = zeros(1, 1), float64 = zeros(1, 1, ScalarType.Float64);
        Assert.Equal(Avx512F.IsSupported, NegativePass.Takes(float32));
        Assert.False(NegativePass.Takes(float64));
    }

    private static void SkipWithoutAvx512() => Assert.SkipUnless(Avx512F.IsSupported, "no AVX-512 here, for which the pass is written");

    private static void Near(Tensor expected, Tensor found, double tolerance = 1e-5)
        => Assert.True(expected.allclose(found.to(ScalarType.Float64), 1e-5, tolerance), $"{found}; expected {expected}");

    /// <summary>Random queries, longer from one to the next, and what the pass makes of them.</summary>
    private sealed class Case
    {
        private readonly Tensor queries, k, keys, positive, hardest;
        private readonly SoftmaxSums sums;

        public Case(int batch, int dimension, int count, (Tensor, Tensor)? sameAs = null, bool inColumns = false)
        {
            manual_seed(batch + count);
            (queries, k, keys, positive) = (Random(batch), Random(batch), Random(count), randn(batch, 1));
            queries.mul_(linspace(0.02, 0.5, batch).unsqueeze(1));
            hardest = tensor(Enumerable.Repeat(float.NegativeInfinity, batch).ToArray()).view(batch, 1);
            sums = new SoftmaxSums(positive, k);
            (Sum, Left) = NegativePass.Add(queries, keys, sameAs, sums, hardest);

            Tensor Random(int rows) => inColumns ? randn(dimension, rows).t() : randn(rows, dimension);
        }

        public Tensor Sum { get; }

        public Tensor Left { get; }

        public Tensor Logits => queries.to(ScalarType.Float64).matmul(keys.to(ScalarType.Float64).t());

        public void Check(Tensor logits)
        {
            Tensor all = cat([positive.to(ScalarType.Float64), logits], 1), top = all.amax([1L], keepdim: true);
            Tensor weights = all.sub(top).exp();
            Tensor weighted = weights.narrow(1, 1, keys.shape[0]).matmul(keys.to(ScalarType.Float64)).Plus(weights.narrow(1, 0, 1) * k);
            Near(logits.amax([1L], keepdim: true), hardest);
            Near(top, sums.Highest);
            Near(weights.sum(1, keepdim: true), sums.Partition);
            Near(weighted, sums.Weighted, 1e-4);
        }
    }
}
