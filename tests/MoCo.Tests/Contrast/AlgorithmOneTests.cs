using System.Text.Json;
using MoCo.Contrast;
using MoCo.Contrast.Losses;
using MoCo.Contrast.Negatives;
using MoCo.Encoders;
using MoCo.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Contrast;

/// <summary>Five steps of MoCo against the same five steps in PyTorch (Fixtures/make_algorithm1.py).</summary>
public sealed class AlgorithmOneTests
{
    [Theory]
    [InlineData("batch8", ScalarType.Float64, 1e-9)]
    [InlineData("batch10", ScalarType.Float64, 1e-9)]
    [InlineData("batch8_split2", ScalarType.Float64, 1e-9)]
    [InlineData("batch8_symmetric", ScalarType.Float64, 1e-9)]
    [InlineData("batch8", ScalarType.Float32, 1e-5)]
    [InlineData("batch10", ScalarType.Float32, 1e-5)]
    [InlineData("batch8_split2", ScalarType.Float32, 1e-5)]
    [InlineData("batch8_symmetric", ScalarType.Float32, 1e-5)]
    public void Five_steps_equal_PyTorchs(string name, ScalarType type, double tolerance)
    {
        using DisposeScope scope = NewDisposeScope();
        JsonElement fixture = Fixture.Read("algorithm1", name + ".json"), setup = fixture.GetProperty("setup");
        JsonElement[] inputs = [.. fixture.GetProperty("inputs").EnumerateArray()];
        using MomentumContrast method = Build(fixture, inputs, type);
        using FlatSgd optimizer = new(
            method.Parameters,
            new OptimizationOptions
            {
                Momentum = setup.GetProperty("sgd_momentum")
            .GetDouble(),
                WeightDecay = setup.GetProperty("weight_decay").GetDouble()
            });

        int step = 0;
        foreach (JsonElement expected in fixture.GetProperty(type == ScalarType.Float64 ? "float64" : "float32").EnumerateArray())
        {
            using ContrastiveLoss loss =
                method.Forward(
                new StepInput(
                    Fixture.Tensor(inputs[step].GetProperty("x_q"), type), Fixture.Tensor(inputs[step].GetProperty("x_k"), type), step));
            loss.Loss.backward();
            optimizer.Step(setup.GetProperty("learning_rate").GetDouble());
            method.AfterBackward();

            Assert.Equal(expected.GetProperty("loss").GetDouble(), loss.Loss.to(ScalarType.Float64).item<double>(), tolerance);
            Assert.Equal(expected.GetProperty("contrast_accuracy").GetDouble(), loss.Accuracy.to(ScalarType.Float64).item<double>(), 1e-6);
            Assert.Equal(expected.GetProperty("queue_ptr").GetInt32(), method.Queue.Position);
            Fixture.Near(Fixture.Tensor(expected.GetProperty("queue")), method.Queue.Keys().t(), tolerance, $"queue after step {step}");
            Compare(expected.GetProperty("encoder_q"), method.QueryEncoder, tolerance, $"f_q after step {step}");
            Compare(expected.GetProperty("encoder_k"), method.KeyEncoder, tolerance, $"f_k after step {step}");
            step++;
        }
        Assert.Equal(5, step);
    }

    private static MomentumContrast Build(JsonElement fixture, JsonElement[] inputs, ScalarType type)
    {
        JsonElement setup = fixture.GetProperty("setup"), initial = fixture.GetProperty("initial");
        bool symmetric = setup.GetProperty("symmetric").GetBoolean();
        int splits = setup.GetProperty("splits").GetInt32();
        Encoder query = TinyBackbone.Encoder(splits, type), key = TinyBackbone.Encoder(splits, type);
        KeyQueue queue = new(8, setup.GetProperty("K").GetInt32(), dtype: type);
        using (no_grad())
        {
            Dictionary<string, Tensor> state = query.state_dict();
            foreach (string name in new[] { "conv.weight", "bn.weight", "bn.bias", "fc.weight", "fc.bias" })
                state[Ours(name)].copy_(Fixture.Tensor(initial.GetProperty(name)));
            queue.Keys().copy_(Fixture.Tensor(initial.GetProperty("queue")).t());
        }
        BatchShuffle shuffle = new((step, _) => symmetric
            ? Permutation(inputs[step / 2].GetProperty(step % 2 == 0 ? "permutation" : "permutation_2"))
            : Permutation(inputs[step].GetProperty("permutation")));
        LossOptions loss = new()
        {
            Temperature = setup.GetProperty("temperature").GetDouble(),
            Symmetric = symmetric ? SymmetricLoss.Mean : SymmetricLoss.Off,
        };
        return new MomentumContrast(query, key, queue, setup.GetProperty("momentum").GetDouble(), loss, shuffle);
    }

    private static void Compare(JsonElement expected, Encoder actual, double tolerance, string what)
    {
        Dictionary<string, Tensor> state = actual.state_dict();
        foreach (JsonProperty entry in expected.EnumerateObject())
            Fixture.Near(Fixture.Tensor(entry.Value), state[Ours(entry.Name)], tolerance, $"{entry.Name} of {what}");
    }

    private static string Ours(string name) => name.StartsWith("fc.", StringComparison.Ordinal) ? "head." + name[3..] : "backbone." + name;

    private static long[] Permutation(JsonElement element) => Fixture.Tensor(element, ScalarType.Int64).data<long>().ToArray();
}
