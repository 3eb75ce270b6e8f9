using MoCo.Distributed;

namespace MoCo.Contrast.Losses;

/// <summary>Noise-contrastive estimation over a memory bank (Wu et al. 2018, Equations 4–8): is a row the query's own, or one of the m
/// drawn uniformly? P(i|f) = exp(v_i·f/τ)/Z, with Z = samples · mean exp(·) of the first batch, kept since in buffer <c>z</c> (0 before).
/// Loss: −1/N·[Σ log P₊/(P₊ + m/samples + ε) + Σ log (m/samples)/(P₋ + m/samples + ε)].</summary>
internal sealed class NoiseContrast : nn.Module
{
    private const double Epsilon = 1e-7;
    private readonly Tensor z;
    private readonly double temperature;
    private readonly int samples;

    public NoiseContrast(int samples, double temperature, Device device, ScalarType dtype)
        : base(nameof(NoiseContrast))
    {
        (this.samples, this.temperature) = (samples, temperature);
        z = zeros(1, dtype: dtype, device: device).DetachFromDisposeScope();
        RegisterComponents();
    }

    /// <param name="q">Queries, N×dim, unit vectors; gradient flows to them.</param>
    /// <param name="own">The queries' own rows, N×dim.</param>
    /// <param name="drawn">The m drawn rows, m×dim.</param>
    /// <param name="group">The processes that share the batch: Z is that of the whole; null: this one alone.</param>
    public Tensor Compute(Tensor q, Tensor own, Tensor drawn, ProcessGroup? group = null)
    {
        using DisposeScope scope = NewDisposeScope();
        using Scalar inverse = (1 / temperature).ToScalar(), all = ((double)samples).ToScalar();
        double share = (double)drawn.shape[0] / samples;
        using Scalar noise = (share + Epsilon).ToScalar(), count = ((double)q.shape[0]).ToScalar();
        Tensor positive = (q * own).sum(1).mul(inverse).exp();    // N
        Tensor negative = q.matmul(drawn.t()).mul(inverse).exp(); // N×m
        using (no_grad())
        {
            // Without a look at it, which would wait for the device in every step.
            Tensor first = cat([positive.unsqueeze(1), negative], 1).mean().mul_(all).unsqueeze(0);
            group?.AllReduceMean(first);
            z.copy_(where(z.eq(zeros_like(z)), first, z));
        }
        // A copy: another step before this one's backward writes to z.
        Tensor whole = z.clone();
        (positive, negative) = (positive / whole, negative / whole);
        Tensor data = (positive / positive.add(noise, One)).log().sum();
        using Scalar terms = (q.shape[0] * drawn.shape[0] * Math.Log(share)).ToScalar();
        Tensor noiseTerms = negative.add(noise, One).log().sum().neg().add(terms, One);
        return data.add(noiseTerms, One).neg().div(count).MoveToOuterDisposeScope();
    }
}
