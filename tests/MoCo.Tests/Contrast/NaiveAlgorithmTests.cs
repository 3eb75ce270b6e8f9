using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

/// <summary>Algorithm 1 of the paper written out naively in float64, against ours in float32 and float64.</summary>
public sealed class NaiveAlgorithmTests
{
    private const double Momentum = 0.95, Temperature = 0.1, Rate = 0.1, SgdMomentum = 0.9, Decay = 1e-3;
    private const int Dimension = 8, Length = 21, Batch = 6;

    [Theory]
    [InlineData(ScalarType.Float64, 1e-10)]
    [InlineData(ScalarType.Float32, 1e-5)]
    public void Five_steps_equal_the_naive_algorithm(ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        manual_seed(5);
        using Generator generator = new(8, CPU);
        Encoder f_q = TinyBackbone.Encoder(type: ScalarType.Float64), f_k = TinyBackbone.Encoder(type: ScalarType.Float64);
        f_k.load_state_dict(f_q.state_dict());
        Encoder query = TinyBackbone.Encoder(type: type), key = TinyBackbone.Encoder(type: type);
        query.load_state_dict(f_q.state_dict().ToDictionary(e => e.Key, e => e.Value.is_floating_point() ? e.Value.to(type) : e.Value));
        Tensor queue = nn.functional.normalize(randn(Dimension, Length, dtype: ScalarType.Float64, generator: generator), dim: 0);
        KeyQueue dictionary = new(Dimension, Length, dtype: type);
        using (no_grad()) dictionary.Keys().copy_(queue.t());
        using MomentumContrast method = new(query, key, dictionary, Momentum, new() { Temperature = Temperature }, new BatchShuffle(3));
        using FlatSgd optimizer = new(method.Parameters, new OptimizationOptions { Momentum = SgdMomentum, WeightDecay = Decay });
        Tensor[] velocity = f_q.parameters().Select(p => zeros_like(p)).ToArray();
        int pointer = 0;

        for (int step = 0; step < 5; step++)
        {
            Tensor x_q = randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator),
                x_k = randn(Batch, 1, 6, 6, dtype: ScalarType.Float64, generator: generator);

            // f_k.params = m * f_k.params + (1 - m) * f_q.params
            using (no_grad())
                foreach ((Parameter q, Parameter k) in f_q.parameters().Zip(f_k.parameters()))
                    k.copy_(k.Times(Momentum).Plus(q.Times(1 - Momentum)));
            Tensor embedding = Unit(f_q.call(x_q)), positive;
            using (no_grad()) positive = Unit(f_k.call(x_k));
            // logits = cat([l_pos, l_neg], dim=1) / t, and the positives are the 0-th
            Tensor logits = cat([(embedding * positive).sum(1, keepdim: true), embedding.matmul(queue)], 1).Over(Temperature);
            Tensor loss = -logits.log_softmax(1).select(1, 0).mean();
            f_q.zero_grad();
            loss.backward();
            using (no_grad())
            {
                foreach ((Parameter p, Tensor v) in f_q.parameters().Zip(velocity))
                {
                    v.copy_(v.Times(SgdMomentum).Plus(p.grad!.Plus(p.Times(Decay))));
                    p.copy_(p - v.Times(Rate));
                }
                for (int i = 0; i < Batch; i++) queue.select(1, (pointer + i) % Length).copy_(positive[i]);
            }
            pointer = (pointer + Batch) % Length;

            using ContrastiveLoss ours = method.Forward(new StepInput(x_q.to(type), x_k.to(type), step));
            ours.Loss.backward();
            optimizer.Step(Rate);
            method.AfterBackward();

            Assert.Equal(loss.item<double>(), ours.Loss.to(ScalarType.Float64).item<double>(), tolerance);
            Fixture.Near(queue, dictionary.Keys().t(), tolerance, $"queue after step {step}");
            Assert.Equal(pointer, dictionary.Position);
            foreach ((string name, Tensor value) in f_q.state_dict())
                Fixture.Near(value, query.state_dict()[name], tolerance, $"{name} of f_q after step {step}");
            foreach ((string name, Tensor value) in f_k.state_dict())
                Fixture.Near(value, key.state_dict()[name], tolerance, $"{name} of f_k after step {step}");
        }
    }

    private static Tensor Unit(Tensor x) => x / x.Squared().sum(1, keepdim: true).sqrt();
}
