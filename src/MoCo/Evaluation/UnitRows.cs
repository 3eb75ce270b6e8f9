namespace MoCo.Evaluation;

/// <summary>Vectors brought to unit length, so that a product of two is their cosine similarity.</summary>
internal static class UnitRows
{
    /// <summary>Numbers that are held in float64 at a time.</summary>
    private const int BlockValues = 1 << 18;

    /// <summary>As below, on the CPU, of rows that are not zero.</summary>
    /// <returns>N×D float32, in the caller's scope.</returns>
    internal static Tensor OnCpu(Tensor vectors, string name, int fewest = 1)
    {
        using Tensor unit = Of(vectors, name, fewest, allowZero: false);
        return unit.cpu();
    }

    /// <summary>Divides each row by its L2 norm; a row of zeros stays one. Norms are float64: none is too short or too long.</summary>
    /// <param name="vectors">N×D of any floating type and device, left as they are.</param>
    /// <param name="name">What messages call them.</param>
    /// <param name="fewest">The least N.</param>
    /// <param name="allowZero">Whether a row of zeros is accepted.</param>
    /// <param name="number">What messages call a row; null: its place.</param>
    /// <returns>N×D float32, contiguous, on the same device, in no scope.</returns>
    /// <exception cref="ArgumentException">Another shape or type, or a row that is not finite (or zero).</exception>
    internal static Tensor Of(Tensor vectors, string name, int fewest = 1, bool allowZero = true, Func<int, int>? number = null)
    {
        ArgumentNullException.ThrowIfNull(vectors, name);
        if (vectors.dim() != 2 || vectors.shape[0] < fewest || vectors.shape[1] < 1 || !vectors.is_floating_point())
        {
            string found = $"{string.Join('×', vectors.shape)} {vectors.dtype}";
            throw new ArgumentException($"Expected {name} of shape N×D, N at least {fewest}, floating, found {found}.", name);
        }
        using DisposeScope scope = NewDisposeScope();
        using IDisposable constant = no_grad();
        using Scalar smallest = double.Epsilon.ToScalar();
        (long count, long block) = (vectors.shape[0], Math.Max(1, BlockValues / vectors.shape[1]));
        Tensor unit = empty(count, vectors.shape[1], dtype: ScalarType.Float32, device: vectors.device);
        Tensor norms = empty(count, dtype: ScalarType.Float64, device: vectors.device);
        for (long start = 0; start < count; start += block)
        {
            using DisposeScope inner = NewDisposeScope();
            long size = Math.Min(block, count - start);
            Tensor rows = vectors.detach().narrow(0, start, size).to(ScalarType.Float64, copy: true);
            Tensor lengths = rows.mul(rows).sum(1).sqrt();
            norms.narrow(0, start, size).copy_(lengths);
            unit.narrow(0, start, size).copy_(rows.div_(lengths.clamp_min(smallest).unsqueeze(1)));
        }
        Tensor accepted = norms.isfinite().logical_and(allowZero ? norms.isfinite() : norms.gt(smallest));
        if (!accepted.all().cpu().item<bool>())
        {
            double[] lengths = norms.cpu().data<double>().ToArray();
            int broken = Array.FindIndex(lengths, length => !(double.IsFinite(length) && (allowZero || length > 0)));
            string expected = allowZero ? "a finite one" : "a finite one above 0";
            int row = number?.Invoke(broken) ?? broken;
            throw new ArgumentException(Invariant($"Row {row} of {name} has the length {lengths[broken]}; expected {expected}."), name);
        }
        return unit.DetachFromDisposeScope();
    }
}
