using MoCo.Tensors;

namespace MoCo.Evaluation.Linear;

/// <summary>Linear classifiers of the same features, one for each learning rate, trained side by side: their weights stand in one D×(C·R)
/// matrix, so that a step is two matrix products however many rates there are.</summary>
/// <remarks>Column c·R + r is class c at rate r. SGD as PyTorch's: v ← μv + g + λw, w ← w − ηv. A rate at which training diverges spoils
/// its own columns only.</remarks>
internal sealed class LinearRates : IDisposable
{
    /// <summary>Logits computed at a time when classifiers are compared: 16 MB.</summary>
    private const int MostLogits = 1 << 22;

    private readonly int classes, count;
    private readonly Scalar momentum, decay;
    private readonly Tensor rates, weight, bias, weightVelocity, biasVelocity;
    private readonly double[] losses;
    private readonly float momentumFactor;
    private readonly bool decays;

    internal LinearRates(int dimension, int classes, LinearProbeOptions options, IReadOnlyList<double> learningRates)
    {
        (Dimension, this.classes, count) = (dimension, classes, learningRates.Count);
        (momentum, decay) = (options.Momentum.ToScalar(), options.WeightDecay.ToScalar());
        (momentumFactor, decays) = ((float)options.Momentum, options.WeightDecay > 0);
        losses = new double[count];
        rates = zeros(classes * count, dtype: ScalarType.Float32).DetachFromDisposeScope();
        weight = empty(dimension, classes * count, dtype: ScalarType.Float32).DetachFromDisposeScope();
        bias = zeros_like(rates).DetachFromDisposeScope();
        weightVelocity = zeros_like(weight).DetachFromDisposeScope();
        biasVelocity = zeros_like(rates).DetachFromDisposeScope();
        Span<float> steps = rates.AsFloats(), weights = weight.AsFloats();
        for (int column = 0; column < steps.Length; column++) steps[column] = -(float)learningRates[column % count];
        float[] initial = options.InitialWeights(classes, dimension);
        // Every rate starts from the same weights.
        for (int i = 0; i < initial.Length; i++)
            weights.Slice((((i % dimension) * classes) + (i / dimension)) * count, count).Fill(initial[i]);
    }

    /// <summary>Numbers in a feature vector (D).</summary>
    internal int Dimension { get; }

    /// <summary>Each rate's mean loss over the last step's batch, R.</summary>
    internal ReadOnlySpan<double> Losses => losses;

    /// <summary>Moves every classifier by one step on N×D float32 features on the CPU and N classes.</summary>
    internal void Step(Tensor features, ReadOnlySpan<int> labels, double factor)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        Tensor logits = bias.addmm(features, weight); // N×(C·R)
        Tensor gradient = empty_like(logits);
        SoftmaxGradient.Write(logits.AsFloats(), labels, count, gradient.AsFloats(), losses);
        weightVelocity.addmm_(features.t(), gradient, momentumFactor, 1);
        biasVelocity.mul_(momentum).add_(gradient.sum(dim: 0), One);
        if (decays)
        {
            weightVelocity.add_(weight, decay);
            biasVelocity.add_(bias, decay);
        }
        using Scalar share = factor.ToScalar();
        weight.addcmul_(weightVelocity, rates, share);
        bias.addcmul_(biasVelocity, rates, share);
    }

    /// <summary>Adds to R counts how often each rate's classifier finds the labels of N×D features.</summary>
    internal unsafe void Count(Tensor features, ReadOnlyMemory<int> labels, int[] correct, int[] correctInFive)
    {
        using IDisposable constant = no_grad();
        int block = Math.Max(1, MostLogits / (classes * count));
        for (int start = 0; start < labels.Length; start += block)
        {
            using DisposeScope scope = NewDisposeScope();
            int size = Math.Min(block, labels.Length - start);
            Tensor logits = bias.addmm(features.narrow(0, start, size), weight); // n×(C·R)
            (int width, int offset) = (classes * count, start);
            fixed (float* values = logits.AsFloats())
            {
                nint address = (nint)values;
                Parallel.For(0, size, row =>
                {
                    ReadOnlySpan<float> scores = new((float*)address + ((long)row * width), width);
                    for (int rate = 0; rate < count; rate++)
                    {
                        int rank = Ranking.Of(scores, labels.Span[offset + row], classes, rate, count);
                        if (rank == 0) Interlocked.Increment(ref correct[rate]);
                        if (rank < 5) Interlocked.Increment(ref correctInFive[rate]);
                    }
                });
            }
        }
    }

    internal LinearClassifier Classifier(int rate)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor own = weight.view(Dimension, classes, count).select(2, rate).t(); // C×D
        Tensor ownBias = bias.view(classes, count).select(1, rate);
        return new LinearClassifier(own.ToFloats(), ownBias.ToFloats());
    }

    public void Dispose()
    {
        foreach (Tensor tensor in (Tensor[])[rates, weight, bias, weightVelocity, biasVelocity]) tensor.Dispose();
        momentum.Dispose();
        decay.Dispose();
    }
}
