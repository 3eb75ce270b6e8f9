using TorchSharp;

namespace MoCo.Tests.StandIns.NN;

/// <summary>Compares autograd's gradients with central differences, in float64.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <param name="function">From the inputs to a tensor of any shape.</param>
    /// <param name="shapes">The shapes of the inputs, which are drawn at random.</param>
    public static void AssertGradients(Func<torch.Tensor[], torch.Tensor> function, params long[][] shapes)
    {
        using var scope = torch.NewDisposeScope();
        var random = new Random(7);
        double[][] values = [.. shapes.Select(shape => Draw(random, shape.Aggregate(1L, (product, size) => product * size)))];
        double[]? weights = null;

        // a weighted sum, so that every output's gradient counts, each with another factor
        torch.Tensor Objective(torch.Tensor[] inputs)
        {
            var flat = function(inputs).reshape(-1);
            weights ??= Draw(random, flat.numel());
            return (flat * torch.tensor(weights, torch.float64)).sum();
        }

        torch.Tensor[] Inputs(bool requiresGrad)
            => [.. values.Select((value, i) => torch.tensor(value, torch.float64).reshape(shapes[i]).detach().requires_grad_(requiresGrad))];

        double Evaluate()
        {
            using var inner = torch.NewDisposeScope();
            return Objective(Inputs(false)).item<double>();
        }

        var leaves = Inputs(true);
        Objective(leaves).backward();

        for (int input = 0; input < values.Length; input++)
        {
            double[] gradient = leaves[input].grad!.contiguous().data<double>().ToArray();
            for (int i = 0; i < gradient.Length; i++)
            {
                double before = values[input][i];
                values[input][i] = before + Step;
                double above = Evaluate();
                values[input][i] = before - Step;
                double below = Evaluate();
                values[input][i] = before;
                double expected = (above - below) / (2 * Step);
                Assert.True(Math.Abs(expected - gradient[i]) <= 1e-7 + 1e-6 * Math.Abs(expected), $"input {input}, element {i}: autograd {gradient[i]}, differences {expected}");
            }
        }
    }

    private static double[] Draw(Random random, long count)
    {
        var values = new double[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = random.NextDouble() * 2 - 1;
        return values;
    }
}
