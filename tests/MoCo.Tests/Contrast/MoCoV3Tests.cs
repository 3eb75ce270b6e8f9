using MoCo.Contrast;
using MoCo.Encoders;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class MoCoV3Tests
{
    private const double Temperature = 0.7, Momentum = 0.9;

    // BatchNorm over six rows enlarges what float32 rounds.
    [Theory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 3e-5)]
    public void Five_steps_equal_the_naive_method(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        Encoder f_q = Make(ScalarType.Float64), f_k = Make(ScalarType.Float64);
        BatchNormMlp predictor = Predictor(ScalarType.Float64);
        using MoCoV3 method = new(NaiveRun.Like(Make(type), f_q), Make(type), NaiveRun.Like(Predictor(type), predictor), NaiveRun.Batch,
            Momentum, Temperature);
        f_k.load_state_dict(f_q.state_dict());

        NaiveRun.Compare(method, [f_q, predictor], (a, b, _, step) =>
        {
            double m = 1 - (1 + Math.Cos(Math.PI * step / 5)) / 2 * (1 - Momentum);
            Tensor k1, k2;
            using (no_grad())
            {
                foreach ((Parameter q, Parameter k) in f_q.parameters().Zip(f_k.parameters())) k.copy_(k.Times(m).Plus(q.Times(1 - m)));
                (k1, k2) = (NaiveRun.Unit(f_k.call(a)), NaiveRun.Unit(f_k.call(b)));
            }
            Tensor q1 = NaiveRun.Unit(predictor.call(f_q.call(a))), q2 = NaiveRun.Unit(predictor.call(f_q.call(b)));
            return Loss(q1, k2).Plus(Loss(q2, k1)).Times(2 * Temperature);
        }, type, tolerance);
        foreach ((string name, Tensor value) in f_k.state_dict())
            Fixture.Near(value, method.KeyEncoder.state_dict()[name], tolerance, $"{name} of f_k");

        static Tensor Loss(Tensor q, Tensor k) => NaiveRun.CrossEntropy(q.matmul(k.t()).Over(Temperature), 0, 1, 2, 3, 4, 5);
    }

    [Fact]
    public void The_momentum_rises_to_one_along_half_a_cosine()
    {
        using MoCoV3 method = new(Make(ScalarType.Float32), Make(ScalarType.Float32), Predictor(ScalarType.Float32), 8);
        Assert.Equal(0.99, method.MomentumAt(0), 1e-12);
        Assert.Equal(0.995, method.MomentumAt(0.5), 1e-12);
        Assert.Equal(1, method.MomentumAt(1), 1e-12);
        Assert.Equal(4 * Math.Log(8), method.ChanceLoss, 1e-12);
    }

    [Fact]
    public void A_head_has_the_official_codes_names()
    {
        using BatchNormMlp projector = new(2, 16, 32, 8), predictor = new(2, 8, 32, 8, lastBatchNorm: false);
        Assert.Equal(
            ["layers.0.weight", "layers.1.weight", "layers.1.bias", "layers.3.weight"], projector.named_parameters().Select(p => p.name));
        Assert.Equal(["layers.0.weight", "layers.1.weight", "layers.1.bias", "layers.3.weight"],
            predictor.named_parameters().Select(p => p.name));
        Assert.Contains("layers.4.running_mean", projector.state_dict().Keys);
        Assert.DoesNotContain("layers.4.running_mean", predictor.state_dict().Keys);
    }

    private static Encoder Make(ScalarType type) => new Encoder(new TinyBackbone(1), new BatchNormMlp(2, 4, 12, 8)).to(type);

    private static BatchNormMlp Predictor(ScalarType type) => new BatchNormMlp(2, 8, 12, 8, lastBatchNorm: false).to(type);
}
