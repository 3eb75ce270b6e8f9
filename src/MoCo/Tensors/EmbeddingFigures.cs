namespace MoCo.Tensors;

/// <summary>Figures of how embeddings lie, the same ones while a run trains and when its encoder is looked at afterwards.</summary>
internal static class EmbeddingFigures
{
    /// <summary>ε of RankMe for float32 (Garrido et al. 2023, Equation 1).</summary>
    public const double RankMeEpsilon = 1e-7;

    private static readonly Scalar Four = 4.0.ToScalar(), MinusFour = (-4.0).ToScalar();

    /// <summary>Standard deviation of each dimension times √D, D: 1 where rows of unit length cover the sphere, 0 where they are
    /// equal.</summary>
    /// <param name="x">N×D.</param>
    public static Tensor Deviations(Tensor x)
    {
        using Scalar root = Math.Sqrt(x.shape[1]).ToScalar();
        return x.std(0, unbiased: false).mul_(root);
    }

    /// <summary>Mean ‖x − y‖² (Wang and Isola 2020), a scalar in float64.</summary>
    /// <param name="x">N×D, unit vectors.</param>
    /// <param name="y">N×D, row n belonging to row n of <paramref name="x"/>.</param>
    public static Tensor Alignment(Tensor x, Tensor y)
    {
        using Tensor difference = x.sub(y);
        using Tensor squares = difference.mul_(difference).sum(1).to(ScalarType.Float64);
        return squares.mean();
    }

    /// <summary>Σ exp(−2‖x − y‖²) over pairs of unit vectors, of which each counts once (Wang and Isola 2020).</summary>
    /// <param name="similarities">x·y, a block of the square of all pairs.</param>
    /// <param name="row">The block's first row in the square.</param>
    /// <param name="column">Its first column.</param>
    public static double Potential(Tensor similarities, int row = 0, int column = 0)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor potentials = similarities.to(ScalarType.Float64, copy: true).mul_(Four).add_(MinusFour, One).exp_(); // ‖x − y‖² = 2 − 2·x·y
        return potentials.triu(row + 1 - column).sum().cpu().item<double>();
    }

    /// <summary>The logarithm of the mean over all pairs of N vectors, from their <see cref="Potential"/>.</summary>
    public static double Uniformity(double potential, long count) => Math.Log(potential / (count * (count - 1.0) / 2));

    /// <summary>The singular values, min(N, D) of them, smallest first.</summary>
    /// <param name="x">N×D, float64.</param>
    public static double[] SingularValues(Tensor x)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor transposed = x.t();
        // XᵀX and XXᵀ have the same eigenvalues above 0: the smaller matrix tells all.
        Tensor squares = linalg.eigvalsh(x.shape[0] < x.shape[1] ? x.matmul(transposed) : transposed.matmul(x));
        return squares.relu().sqrt().cpu().data<double>().ToArray();
    }

    /// <summary>exp(−Σ p·ln p) with p the values' shares of their sum plus ε: how many of them matter.</summary>
    /// <param name="values">Not negative.</param>
    /// <param name="epsilon">ε; 0 leaves values of 0 out.</param>
    /// <returns>1 … the number of values; 0 where all are 0.</returns>
    public static double EffectiveRank(IReadOnlyList<double> values, double epsilon = 0)
    {
        double sum = values.Sum();
        return sum > 0 ? Math.Exp(-values.Select(value => value / sum + epsilon).Where(share => share > 0)
            .Sum(share => share * Math.Log(share))) : 0;
    }
}
