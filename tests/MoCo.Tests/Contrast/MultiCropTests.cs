using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Optimization;
using MoCo.Tensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

/// <summary>Multi-crop written out naively in float64: of each key the mean over its 1 + n queries, one cross-entropy a query; BatchNorm's
/// running statistics as if the small views had not passed.</summary>
public sealed class MultiCropTests
{
    private const double Temperature = 0.125, Momentum = 0.9, Tolerance = 1e-10;
    private const int Batch = 6, Views = 3, Dimension = 8, Length = 21;

    [Theory]
    [InlineData(SymmetricLoss.Off, 1, false)]
    [InlineData(SymmetricLoss.Off, 2, true)]
    [InlineData(SymmetricLoss.Sum, 2, false)]
    [InlineData(SymmetricLoss.Mean, 1, true)]
    public void Four_steps_of_MoCo_equal_the_naive_ones(SymmetricLoss symmetric, int splits, bool leaveOut)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        bool bothWays = symmetric != SymmetricLoss.Off;
        Encoder f_q = Tiny(), f_k = NaiveRun.Like(Tiny(), f_q), query = NaiveRun.Like(Tiny(), f_q);
        KeyQueue dictionary = new(Dimension, Length, trackSlots: leaveOut, dtype: ScalarType.Float64);
        using MomentumContrast method = new(query, Tiny(), dictionary, Momentum,
            new() { Temperature = Temperature, Symmetric = symmetric }, exclusion: leaveOut ? KeyExclusion.OwnImage : KeyExclusion.None);
        using FlatSgd optimizer = new(method.Parameters, new OptimizationOptions { Momentum = 0, WeightDecay = 0 });
        Tensor queue = dictionary.Keys().clone();
        int[] owners = [.. Enumerable.Repeat(-1, Length)];
        int pointer = 0;
        for (int step = 0; step < 4; step++)
        {
            (Tensor a, Tensor b, Tensor[] small) = Images();
            int[] indices = [.. Enumerable.Range(0, Batch).Select(i => (step * 4 + i) % 9)];
            Follow(f_q, f_k);
            Tensor k2, k1;
            using (no_grad()) (k2, k1) = (NaiveRun.Unit(f_k.call(b)), bothWays ? NaiveRun.Unit(f_k.call(a)) : zeros(0));
            Tensor q1 = NaiveRun.Unit(f_q.call(a)), q2 = bothWays ? NaiveRun.Unit(f_q.call(b)) : q1;
            Action putBack = Keep(f_q);
            Tensor[] s = NaiveRun.Unit(f_q.call(cat(small, 0))).chunk(Views, 0);
            Tensor loss = OfKey(q1, k2);
            if (bothWays) loss = loss.Plus(OfKey(q2, k1)).Times(symmetric == SymmetricLoss.Sum ? 1.0 : 0.5);
            f_q.zero_grad();
            loss.backward();
            putBack();

            using ContrastiveLoss ours = method.Forward(new StepInput(a, b, step) { SmallViews = small, Indices = indices });
            ours.Loss.backward();
            Compare(loss, ours, f_q, query);
            optimizer.Step(0.2);
            method.AfterBackward();
            using (no_grad())
            {
                foreach (Parameter p in f_q.parameters()) p.copy_(p - p.grad!.Times(0.2));
                Tensor[] keys = bothWays ? [.. k1.unbind(0), .. k2.unbind(0)] : k2.unbind(0);
                for (int i = 0; i < keys.Length; i++, pointer = (pointer + 1) % Length)
                {
                    queue[pointer].copy_(keys[i]);
                    owners[pointer] = indices[i % Batch];
                }
            }
            Fixture.Near(queue, dictionary.Keys(), Tolerance, $"queue after step {step}");
            foreach ((Encoder naive, Encoder own) in new[] { (f_q, query), (f_k, method.KeyEncoder) })
                foreach ((string name, Tensor value) in naive.state_dict())
                    Fixture.Near(value, own.state_dict()[name], Tolerance, $"{name} after step {step}");

            Tensor OfKey(Tensor q, Tensor k)
                => s.Append(q).Select(each => One(each, k)).Aggregate((x, y) => x.Plus(y)).Over(1.0 + Views);

            Tensor One(Tensor q, Tensor k)
            {
                Tensor negative = q.matmul(queue.t());
                if (leaveOut)
                {
                    Tensor own = tensor(indices).unsqueeze(1).eq(tensor(owners).unsqueeze(0));
                    negative = where(own, full_like(negative, HeldScalars.NegativeInfinity), negative);
                }
                return -cat([(q * k).sum(1, keepdim: true), negative], 1).Over(Temperature).log_softmax(1).select(1, 0).mean();
            }
        }

        Encoder Tiny() => TinyBackbone.Encoder(splits, ScalarType.Float64);
    }

    [Fact]
    public void A_step_of_MoCo_v3_equals_the_naive_one()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(6);
        Encoder f_q = Make(), f_k = NaiveRun.Like(Make(), f_q), query = NaiveRun.Like(Make(), f_q);
        BatchNormMlp predictor = Predictor(), own = NaiveRun.Like(Predictor(), predictor);
        using MoCoV3 method = new(query, Make(), own, Batch, Momentum, Temperature);
        (Tensor a, Tensor b, Tensor[] small) = Images();
        Tensor k1, k2;
        using (no_grad()) (k1, k2) = (NaiveRun.Unit(f_k.call(a)), NaiveRun.Unit(f_k.call(b)));
        Tensor q1 = Query(a), q2 = Query(b);
        Action putBack = Keep(f_q, predictor);
        Tensor[] s = Query(cat(small, 0)).chunk(Views, 0);
        Tensor loss = OfKeys(q1, k2).Plus(OfKeys(q2, k1)).Times(2 * Temperature);
        loss.backward();
        putBack();

        using ContrastiveLoss ours = method.Forward(new StepInput(a, b, 0) { SmallViews = small });
        ours.Loss.backward();
        Compare(loss, ours, f_q, query);
        Compare(loss, ours, predictor, own);
        foreach ((nn.Module naive, nn.Module made) in new (nn.Module, nn.Module)[] { (f_q, query), (predictor, own) })
            foreach ((string name, Tensor value) in naive.state_dict())
                Fixture.Near(value, made.state_dict()[name], Tolerance, name);

        Tensor Query(Tensor x) => NaiveRun.Unit(predictor.call(f_q.call(x)));

        Tensor OfKeys(Tensor q, Tensor k) => s.Append(q)
            .Select(each => NaiveRun.CrossEntropy(each.matmul(k.t()).Over(Temperature), 0, 1, 2, 3, 4, 5))
            .Aggregate((x, y) => x.Plus(y)).Over(1.0 + Views);

        static Encoder Make() => new Encoder(new TinyBackbone(1), new BatchNormMlp(2, 4, 12, 8)).to(ScalarType.Float64);

        static BatchNormMlp Predictor() => new BatchNormMlp(2, 8, 12, 8, lastBatchNorm: false).to(ScalarType.Float64);
    }

    [Fact]
    public void The_measures_are_the_large_query_s()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(7);
        using MomentumContrast method = new(TinyBackbone.Encoder(), TinyBackbone.Encoder(), new KeyQueue(Dimension, Length));
        Tensor a = randn(Batch, 1, 6, 6), b = randn(Batch, 1, 6, 6), small = randn(Batch, 1, 3, 3);
        using ContrastiveLoss without = method.Forward(new StepInput(a, b, 0));
        int shown = 0;
        using ContrastiveLoss with = method.Forward(new StepInput(a, b, 0) { SmallViews = [small, small], Watch = (_, _) => shown++ });
        Assert.Equal(1, shown);
        foreach ((Tensor one, Tensor other) in without.All.Skip(1).Zip(with.All.Skip(1))) Fixture.Near(one, other, 0, "a measure");
        Assert.NotEqual(without.Loss.item<float>(), with.Loss.item<float>());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_running_statistics_are_the_large_views_alone(bool v3)
    {
        using DisposeScope scope = NewDisposeScope();
        using ContrastiveMethod with = Make(), without = NaiveRun.Like(Make(), with);
        Tensor a = randn(Batch, 1, 6, 6), b = randn(Batch, 1, 6, 6), small = randn(Batch, 1, 4, 4);
        using ContrastiveLoss one = with.Forward(new StepInput(a, b, 0) { SmallViews = [small, small] }),
            other = without.Forward(new StepInput(a, b, 0));
        one.Loss.backward();
        other.Loss.backward();
        (string name, Tensor buffer)[] statistics = [.. with.named_buffers()];
        Assert.Contains(statistics, statistic => statistic.name.EndsWith("running_var", StringComparison.Ordinal));
        foreach (((string name, Tensor found), (string _, Tensor expected)) in statistics.Zip(without.named_buffers()))
            Fixture.Near(expected, found, 0, name);

        ContrastiveMethod Make() => v3 ? new MoCoV3(Network(), Network(), new BatchNormMlp(2, Dimension, 12, Dimension), Batch)
            : new MomentumContrast(Network(), Network(), new KeyQueue(Dimension, Length));

        static Encoder Network() => new(
            nn.Sequential(
                ("conv", nn.Conv2d(1, 4, 3)), ("bn", new SplitBatchNorm2d(4, 2)), ("pool", nn.AdaptiveAvgPool2d(1)),
                ("flat", nn.Flatten())),
            new BatchNormMlp(2, 4, 12, Dimension));
    }

    private static Action Keep(params nn.Module[] modules)
    {
        (Tensor Buffer, Tensor Before)[] kept
            = [.. modules.SelectMany(module => module.buffers()).Select(buffer => (buffer, buffer.clone()))];
        return () =>
        {
            using IDisposable constant = no_grad();
            foreach ((Tensor buffer, Tensor before) in kept) buffer.copy_(before);
        };
    }

    private static (Tensor A, Tensor B, Tensor[] Small) Images() => (Of(6), Of(6), [.. Enumerable.Range(0, Views).Select(_ => Of(4))]);

    private static Tensor Of(int side) => randn(Batch, 1, side, side, dtype: ScalarType.Float64);

    private static void Follow(Encoder f_q, Encoder f_k)
    {
        using IDisposable constant = no_grad();
        foreach ((Parameter q, Parameter k) in f_q.parameters().Zip(f_k.parameters()))
            k.copy_(k.Times(Momentum).Plus(q.Times(1 - Momentum)));
    }

    private static void Compare(Tensor loss, ContrastiveLoss ours, nn.Module naive, nn.Module own)
    {
        Assert.Equal(loss.item<double>(), ours.Loss.item<double>(), Tolerance);
        foreach (((string name, Parameter expected), (string _, Parameter found)) in naive.named_parameters().Zip(own.named_parameters()))
            Fixture.Near(expected.grad!, found.grad!, Tolerance, $"gradient of {name}");
    }
}
