using MoCo.Contrast;
using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class ContrastiveClusteringTests
{
    [Theory]
    [MemberData(nameof(NaiveRun.Types), MemberType = typeof(NaiveRun))]
    public void Five_steps_equal_the_naive_method(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        Encoder f = TinyBackbone.Encoder(type: ScalarType.Float64);
        Linear head = nn.Linear(4, 3).to(ScalarType.Float64);
        using ContrastiveClustering method = new(
            NaiveRun.Like(TinyBackbone.Encoder(type: type), f), NaiveRun.Like(nn.Linear(4, 3).to(type), head), 3, NaiveRun.Batch);

        NaiveRun.Compare(method, [f, head], (a, b, _, _) =>
        {
            Tensor h1 = f.features(a), h2 = f.features(b);
            Tensor c1 = Softmax(head.call(h1)), c2 = Softmax(head.call(h2));
            Tensor rows = NaiveRun.NtXent(NaiveRun.Unit(f.Head.call(h1)), NaiveRun.Unit(f.Head.call(h2)), 0.5);
            Tensor columns = NaiveRun.NtXent(NaiveRun.Unit(c1.t()), NaiveRun.Unit(c2.t()), 1);
            return rows.Plus(columns).Plus(Entropy(c1)).Plus(Entropy(c2));
        }, type, tolerance);

        static Tensor Softmax(Tensor x) => x.exp() / x.exp().sum(1, keepdim: true);

        static Tensor Entropy(Tensor c)
        {
            Tensor sum = zeros(1, dtype: c.dtype);
            for (int j = 0; j < 3; j++)
            {
                Tensor mass = c.select(1, j).sum().Over((double)NaiveRun.Batch);
                sum = sum.Plus(mass * mass.log());
            }
            return sum.Plus(Math.Log(3)).squeeze();
        }
    }

    [Fact]
    public void Assignments_are_the_likeliest_clusters()
    {
        using DisposeScope scope = NewDisposeScope();
        Encoder f = TinyBackbone.Encoder();
        Linear head = nn.Linear(4, 5);
        using ContrastiveClustering method = new(f, head, 5, 8);
        method.eval();
        Tensor images = randn(7, 1, 6, 6);
        Assert.Equal(head.call(f.features(images)).argmax(1).data<long>().Select(value => (int)value), method.PredictClusters(images));
        using EndToEndContrast other = new(TinyBackbone.Encoder(), null, 8);
        Assert.Null(other.PredictClusters(images));
        Assert.Equal(Math.Log(15) + Math.Log(9), method.ChanceLoss, 1e-12);
    }
}
