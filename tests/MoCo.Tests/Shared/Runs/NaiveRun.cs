using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Optimization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Shared.Runs;

/// <summary>Five steps of a method beside the same five of a naive one in float64: plain operations, parameter by parameter.</summary>
internal static class NaiveRun
{
    public const double Rate = 0.05, SgdMomentum = 0.9, Decay = 1e-3;
    public const int Batch = 6;

    /// <summary>The type to run in, and how far loss and parameters may lie apart.</summary>
    public static TheoryData<ScalarType, double> Types => new() { { ScalarType.Float64, 1e-9 }, { ScalarType.Float32, 1e-5 } };

    /// <summary>A copy of a module's parameters and buffers in another type.</summary>
    public static T Like<T>(T copy, nn.Module of) where T : nn.Module
    {
        Dictionary<string, Tensor> state = of.state_dict();
        using IDisposable constant = no_grad();
        foreach ((string name, Tensor value) in copy.state_dict()) value.copy_(state[name]);
        return copy;
    }

    /// <param name="method">Ours; its trainable parameters are <paramref name="naive"/>'s in the same order.</param>
    /// <param name="naive">The naive method's modules that learn, in float64.</param>
    /// <param name="loss">The naive loss of two views at a step.</param>
    /// <param name="type">The type that ours runs in.</param>
    /// <param name="tolerance">How far loss and parameters may lie apart.</param>
    /// <param name="after">What the naive method does after the optimizer.</param>
    public static void Compare(ContrastiveMethod method, nn.Module[] naive, Func<Tensor, Tensor, int[], int, Tensor> loss,
        ScalarType type, double tolerance, Action? after = null)
    {
        using Generator generator = new(8, CPU);
        using FlatSgd optimizer = new(method.Parameters, new OptimizationOptions { Momentum = SgdMomentum, WeightDecay = Decay });
        Parameter[] parameters = [.. naive.SelectMany(module => module.parameters())];
        Tensor[] velocity = [.. parameters.Select(parameter => zeros_like(parameter))];
        for (int step = 0; step < 5; step++)
        {
            Tensor a = randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator),
                b = randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator);
            int[] indices = [.. Enumerable.Range(0, Batch).Select(i => (step * 4 + i) % 17)];

            Tensor expected = loss(a, b, indices, step);
            foreach (nn.Module module in naive) module.zero_grad();
            expected.backward();
            using (no_grad())
            {
                foreach ((Parameter p, Tensor v) in parameters.Zip(velocity))
                {
                    v.copy_(v.Times(SgdMomentum).Plus(p.grad!.Plus(p.Times(Decay))));
                    p.copy_(p - v.Times(Rate));
                }
            }
            after?.Invoke();

            using ContrastiveLoss ours = method.Forward(new StepInput(a.to(type), b.to(type), step)
            {
                Indices = indices,
                Epoch = step / 2,
                Progress = step / 5.0,
            });
            ours.Loss.backward();
            optimizer.Step(Rate);
            method.AfterBackward();

            Assert.Equal(expected.item<double>(), ours.Loss.to(ScalarType.Float64).item<double>(), tolerance * 10);
            (string name, Parameter parameter)[] learned = [.. method.Trainable.named_parameters()];
            Assert.Equal(parameters.Length, learned.Length);
            foreach ((Parameter p, (string name, Parameter parameter) own) in parameters.Zip(learned))
                Fixture.Near(p, own.parameter, tolerance, $"{own.name} after step {step}");
        }
    }

    /// <summary>Rows of length 1, by the definition.</summary>
    public static Tensor Unit(Tensor x) => x / x.Squared().sum(1, keepdim: true).sqrt();

    /// <summary>−1/N Σ log softmax(rows)ₙ at the n-th row's positive: the sum written out, without torch's cross-entropy.</summary>
    public static Tensor CrossEntropy(Tensor logits, params long[] positives)
    {
        Tensor sum = zeros(1, dtype: logits.dtype);
        for (int row = 0; row < positives.Length; row++)
            sum = sum.Plus(logits[row].exp().sum().log() - logits[row][positives[row]]);
        return sum.Over((double)positives.Length).squeeze();
    }

    /// <summary>NT-Xent by two loops: every embedding's partners are all others.</summary>
    public static Tensor NtXent(Tensor a, Tensor b, double temperature)
    {
        Tensor all = cat([a, b], 0);
        long count = a.shape[0];
        Tensor sum = zeros(1, dtype: a.dtype);
        for (long i = 0; i < 2 * count; i++)
        {
            Tensor denominator = zeros(1, dtype: a.dtype);
            for (long j = 0; j < 2 * count; j++)
                if (j != i) denominator = denominator.Plus(all[i].dot(all[j]).Over(temperature).exp());
            sum = sum.Plus(denominator.log() - all[i].dot(all[(i + count) % (2 * count)]).Over(temperature));
        }
        return sum.Over(2.0 * count).squeeze();
    }
}
