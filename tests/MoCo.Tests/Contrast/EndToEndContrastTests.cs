using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class EndToEndContrastTests
{
    private const double Temperature = 0.2;

    [Theory]
    [MemberData(nameof(NaiveRun.Types), MemberType = typeof(NaiveRun))]
    public void Five_steps_of_two_encoders_equal_the_naive_method(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        Encoder f_q = TinyBackbone.Encoder(type: ScalarType.Float64), f_k = TinyBackbone.Encoder(type: ScalarType.Float64);
        using EndToEndContrast method = new(NaiveRun.Like(TinyBackbone.Encoder(type: type), f_q),
            NaiveRun.Like(TinyBackbone.Encoder(type: type), f_k), NaiveRun.Batch, new() { Temperature = Temperature });

        NaiveRun.Compare(method, [f_q, f_k], (a, b, _, _) =>
        {
            Tensor q = NaiveRun.Unit(f_q.call(a)), k = NaiveRun.Unit(f_k.call(b));
            return NaiveRun.CrossEntropy(q.matmul(k.t()).Over(Temperature), 0, 1, 2, 3, 4, 5);
        }, type, tolerance);
        Assert.Equal(Math.Log(6), method.ChanceLoss, 1e-12);
    }

    [Theory]
    [MemberData(nameof(NaiveRun.Types), MemberType = typeof(NaiveRun))]
    public void Five_steps_of_SimCLR_equal_NT_Xent_written_out(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(6);
        Encoder f = TinyBackbone.Encoder(type: ScalarType.Float64);
        using EndToEndContrast method = new(
            NaiveRun.Like(TinyBackbone.Encoder(type: type), f), null, NaiveRun.Batch, new() { Temperature = Temperature });

        NaiveRun.Compare(method, [f], (a, b, _, _) =>
        {
            Tensor[] z = NaiveRun.Unit(f.call(cat([a, b], 0))).chunk(2, 0);
            return NaiveRun.NtXent(z[0], z[1], Temperature);
        }, type, tolerance);
        Assert.Equal(Math.Log(11), method.ChanceLoss, 1e-12);
        Assert.Same(method.QueryEncoder, method.KeyEncoder);
    }

    [Fact]
    public void A_symmetric_loss_is_the_loss_of_both_directions()
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(7);
        Encoder f_q = TinyBackbone.Encoder(), f_k = TinyBackbone.Encoder();
        Tensor a = randn(6, 1, 6, 6), b = randn(6, 1, 6, 6);
        double Loss(SymmetricLoss symmetric, Tensor first, Tensor second)
        {
            using EndToEndContrast method = new(NaiveRun.Like(TinyBackbone.Encoder(), f_q), NaiveRun.Like(TinyBackbone.Encoder(), f_k), 6,
                new() { Temperature = Temperature, Symmetric = symmetric });
            using ContrastiveLoss loss = method.Forward(new StepInput(first, second, 0));
            return loss.Loss.item<float>();
        }
        double both = Loss(SymmetricLoss.Off, a, b) + Loss(SymmetricLoss.Off, b, a);
        Assert.Equal(both, Loss(SymmetricLoss.Sum, a, b), 1e-5);
        Assert.Equal(both / 2, Loss(SymmetricLoss.Mean, a, b), 1e-5);
    }

    [Fact]
    public void Nonsense_is_refused()
    {
        using Encoder encoder = TinyBackbone.Encoder();
        Assert.Contains("expected null for one", Assert.Throws<ArgumentException>(() => new EndToEndContrast(encoder, encoder, 8)).Message,
            StringComparison.Ordinal);
        Assert.Contains("Symmetric is set", Assert.Throws<ArgumentException>(
            () => new EndToEndContrast(encoder, null, 8, new() { Symmetric = SymmetricLoss.Sum })).Message, StringComparison.Ordinal);
    }
}
