using System.Numerics;
using System.Runtime.InteropServices;

namespace MoCo.Evaluation;

/// <summary>Lengths of feature vectors.</summary>
internal static class FeatureRows
{
    /// <summary>1 / L2 norm of each row; 0 for a row of zeros.</summary>
    /// <exception cref="ArgumentException">A row holds a number that is not finite, or is too long for float32.</exception>
    internal static float[] InverseNorms(FeatureSet set, string name)
    {
        var norms = new float[set.Count];
        // A span of bytes ends at 2 GB, a whole set of features need not.
        var rows = Math.Max(1, (1 << 24) / set.Dimension);
        for (var start = 0; start < set.Count; start += rows)
        {
            using var block = set.Features.narrow(0, start, Math.Min(rows, set.Count - start));
            var values = MemoryMarshal.Cast<byte, float>(block.bytes);
            for (var row = 0; row * set.Dimension < values.Length; row++)
            {
                var squares = SumOfSquares(values.Slice(row * set.Dimension, set.Dimension));
                if (!float.IsFinite(squares))
                    throw new ArgumentException($"The features of {name} {start + row} are not finite numbers that float32 can square.", name);
                norms[start + row] = squares > 0 ? 1 / MathF.Sqrt(squares) : 0;
            }
        }

        return norms;
    }

    /// <summary>Writes each row times its factor.</summary>
    internal static void Scale(ReadOnlySpan<float> rows, ReadOnlySpan<float> factors, Span<float> into)
    {
        var dimension = rows.Length / factors.Length;
        for (var row = 0; row < factors.Length; row++)
        {
            var from = rows.Slice(row * dimension, dimension);
            var to = into.Slice(row * dimension, dimension);
            var i = 0;
            for (; dimension - i >= Vector<float>.Count; i += Vector<float>.Count)
                (new Vector<float>(from[i..]) * factors[row]).CopyTo(to[i..]);
            for (; i < dimension; i++)
                to[i] = from[i] * factors[row];
        }
    }

    private static float SumOfSquares(ReadOnlySpan<float> row)
    {
        var lanes = Vector<float>.Zero;
        var i = 0;
        for (; row.Length - i >= Vector<float>.Count; i += Vector<float>.Count)
        {
            var values = new Vector<float>(row[i..]);
            lanes += values * values;
        }

        var sum = Vector.Sum(lanes);
        for (; i < row.Length; i++)
            sum += row[i] * row[i];
        return sum;
    }
}
