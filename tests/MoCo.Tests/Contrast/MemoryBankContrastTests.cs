using MoCo.Contrast;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

public sealed class MemoryBankContrastTests
{
    private const double Temperature = 0.1;
    private const int Samples = 17, Drawn = 9;

    [Theory]
    [InlineData(MemoryBankLoss.InfoNce, ScalarType.Float64, 1e-9)]
    [InlineData(MemoryBankLoss.InfoNce, ScalarType.Float32, 1e-5)]
    [InlineData(MemoryBankLoss.Nce, ScalarType.Float64, 1e-9)]
    [InlineData(MemoryBankLoss.Nce, ScalarType.Float32, 1e-4)]
    public void Five_steps_equal_the_naive_method(MemoryBankLoss kind, ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        Encoder f = TinyBackbone.Encoder(type: ScalarType.Float64);
        MemoryBank bank = new(Samples, 8, seed: 3, dtype: type);
        Tensor rows = bank.state_dict()["bank"].to(ScalarType.Float64).clone();
        using MemoryBankContrast method = new(NaiveRun.Like(TinyBackbone.Encoder(type: type), f), bank,
            new() { Negatives = Drawn, Loss = kind }, new() { Temperature = Temperature });
        double z = 0;
        (Tensor Query, int[] Indices) last = (rows, []);

        NaiveRun.Compare(method, [f], (a, _, indices, step) =>
        {
            Tensor q = NaiveRun.Unit(f.call(a));
            long[] drawn = bank.Draw(Drawn, step).data<long>().ToArray();
            Tensor own = stack(indices.Select(i => rows[i])), others = stack(drawn.Select(i => rows[i]));
            last = (q.detach().clone(), indices);
            Tensor logits = cat([(q * own).sum(1, keepdim: true), q.matmul(others.t())], 1).Over(Temperature);
            if (kind == MemoryBankLoss.InfoNce) return NaiveRun.CrossEntropy(logits, 0, 0, 0, 0, 0, 0);
            if (z == 0) z = Samples * logits.exp().mean().item<double>();
            Tensor p = logits.exp().Over(z);
            const double Noise = (double)Drawn / Samples, Epsilon = 1e-7;
            Tensor sum = zeros(1, dtype: ScalarType.Float64);
            for (int n = 0; n < NaiveRun.Batch; n++)
            {
                sum = sum.Plus((p[n][0] / p[n][0].Plus(Noise + Epsilon)).log());
                for (int i = 1; i <= Drawn; i++) sum = sum.Plus(p[n][i].Plus(Noise + Epsilon).log().neg().Plus(Math.Log(Noise)));
            }
            return sum.neg().Over((double)NaiveRun.Batch).squeeze();
        }, type, tolerance, after: () =>
        {
            for (int n = 0; n < NaiveRun.Batch; n++)
            {
                Tensor row = rows[last.Indices[n]].Times(0.5).Plus(last.Query[n].Times(0.5));
                rows[last.Indices[n]].copy_(row / row.Squared().sum().sqrt());
            }
        });
        Fixture.Near(rows, method.Bank.state_dict()["bank"], tolerance * 10, "bank");
    }

    [Fact]
    public void A_step_draws_its_rows_again_after_a_resume_and_another_step_draws_others()
    {
        using DisposeScope scope = NewDisposeScope();
        using MemoryBank bank = new(1000, 4, seed: 5), again = new(1000, 4, seed: 5);
        long[] first = bank.Draw(400, 7).data<long>().ToArray();
        Assert.Equal(first, again.Draw(400, 7).data<long>().ToArray());
        Assert.NotEqual(first, again.Draw(400, 8).data<long>().ToArray());
        Assert.All(first, row => Assert.InRange(row, 0, 999));
        Assert.InRange(first.Average(), 430, 570);
        Fixture.Near(ones(1000), bank.state_dict()["bank"].Squared().sum(1).sqrt(), 1e-6, "length of the rows");
    }

    [Fact]
    public void Samples_without_a_row_and_batches_without_numbers_are_named()
    {
        using DisposeScope scope = NewDisposeScope();
        using MemoryBankContrast method = new(TinyBackbone.Encoder(), new MemoryBank(8, 8), new() { Negatives = 4 });
        Tensor views = randn(2, 1, 6, 6);
        Assert.Contains("shows sample 8; expected 0 to 7", Error([3, 8]), StringComparison.Ordinal);
        Assert.Contains("expected their numbers in the data", Error([]), StringComparison.Ordinal);
        string Error(int[] indices)
            => Assert.Throws<ArgumentException>(() => method.Forward(new StepInput(views, views, 0) { Indices = indices })).Message;
    }
}
