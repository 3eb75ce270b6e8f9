using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

/// <summary>DirectCLR (Jing et al. 2022): no head, the contrast is over the first features.</summary>
public sealed class DirectHeadTests
{
    private const int Features = 4, Taken = 3;
    private const double Temperature = 0.2;

    [Theory]
    [MemberData(nameof(NaiveRun.Types), MemberType = typeof(NaiveRun))]
    public void Five_steps_of_NT_Xent_equal_the_first_features_contrasted_by_hand(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(11);
        nn.Module<Tensor, Tensor> f = Backbone(ScalarType.Float64);
        using EndToEndContrast method = new(Direct(f, type), null, NaiveRun.Batch, new() { Temperature = Temperature });

        NaiveRun.Compare(method, [f], (a, b, _, _) =>
        {
            Tensor[] r = f.call(cat([a, b], 0)).chunk(2, 0);
            return NaiveRun.NtXent(NaiveRun.Unit(r[0][.., ..Taken]), NaiveRun.Unit(r[1][.., ..Taken]), Temperature);
        }, type, tolerance);
    }

    [Theory]
    [MemberData(nameof(NaiveRun.Types), MemberType = typeof(NaiveRun))]
    public void Five_steps_of_MoCo_equal_the_first_features_against_a_queue_by_hand(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(12);
        const double momentum = 0.9;
        nn.Module<Tensor, Tensor> f_q = Backbone(ScalarType.Float64), f_k = NaiveRun.Like(Backbone(ScalarType.Float64), f_q);
        KeyQueue dictionary = new(Taken, 20, dtype: type);
        Tensor queue = dictionary.Keys().to(ScalarType.Float64, copy: true), positive = queue;
        using MomentumContrast method = new(
            Direct(f_q, type), Direct(f_q, type), dictionary, momentum, new() { Temperature = Temperature });
        int pointer = 0;

        NaiveRun.Compare(method, [f_q], (a, b, _, _) =>
        {
            using (no_grad())
            {
                foreach ((Parameter q, Parameter k) in f_q.parameters().Zip(f_k.parameters()))
                    k.copy_(k.Times(momentum).Plus(q.Times(1 - momentum)));
                positive = NaiveRun.Unit(f_k.call(b)[.., ..Taken]);
            }
            Tensor q_ = NaiveRun.Unit(f_q.call(a)[.., ..Taken]);
            Tensor logits = cat([(q_ * positive).sum(1, keepdim: true), q_.matmul(queue.t())], 1).Over(Temperature);
            return NaiveRun.CrossEntropy(logits, new long[NaiveRun.Batch]);
        }, type, tolerance, () =>
        {
            for (int i = 0; i < NaiveRun.Batch; i++) queue[pointer++ % 20].copy_(positive[i]);
        });
    }

    [Fact]
    public void Only_the_first_features_are_pulled()
    {
        using DisposeScope scope = NewDisposeScope();
        using Generator generator = new(3, CPU);
        ProjectionHead head = new(HeadKind.Direct, Features, Taken);
        Tensor r = randn(5, Features, dtype: ScalarType.Float64, generator: generator).requires_grad_();
        Tensor k = NaiveRun.Unit(randn(5, Taken, dtype: ScalarType.Float64, generator: generator));
        InBatchContrast.OfKeys(nn.functional.normalize(head.call(r), dim: 1), k, Temperature).Loss.backward();
        Assert.Empty(head.state_dict());
        Assert.Equal(0, r.grad![.., Taken..].abs().max().item<double>());
        Assert.True(r.grad![.., ..Taken].abs().min().item<double>() > 0);
    }

    [Fact]
    public void More_numbers_than_there_are_features_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProjectionHead(HeadKind.Direct, Features, Features + 1));
        EncoderOptions options = TrainerFixture.Options.Encoder with { Head = HeadKind.Direct, EmbeddingDimension = 65 };
        Assert.Contains("EmbeddingDimension is 65; expected 64 at most, the backbone's features, of which Head Direct takes the first",
            Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);
        (options with { EmbeddingDimension = 64 }).Validate();
    }

    private static nn.Module<Tensor, Tensor> Backbone(ScalarType type) => new TinyBackbone(1).to(type);

    private static Encoder Direct(nn.Module<Tensor, Tensor> like, ScalarType type) =>
        new(NaiveRun.Like(Backbone(type), like), new ProjectionHead(HeadKind.Direct, Features, Taken));
}
