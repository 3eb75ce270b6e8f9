using System.Numerics;
using System.Runtime.InteropServices;

namespace MoCo.Reporting;

/// <summary>
/// Exact t-SNE (van der Maaten and Hinton, 2008) of at most a few thousand points, starting from their principal components:
/// nothing is drawn at random.
/// </summary>
internal sealed class TSne
{
    private const int Iterations = 500, ExaggeratedIterations = 125;
    private const float Exaggeration = 12, LeastGain = 0.01f;

    private readonly int count;
    private readonly float[] affinities;
    private readonly float[] x, y;
    private readonly Row[] rows;

    private TSne(float[] affinities, float[] x, float[] y)
    {
        (this.affinities, this.x, this.y) = (affinities, x, y);
        count = x.Length;
        rows = new Row[count];
    }

    /// <summary>Coordinates of each point.</summary>
    public static (float[] X, float[] Y) Of(ReadOnlyMemory<float> values, PrincipalComponents start, double perplexity)
    {
        int count = start.X.Length;
        float[] affinities = TSneAffinities.Of(values, count, Math.Min(perplexity, (count - 1) / 3.0));
        double deviation = Math.Sqrt(start.X.Sum(value => (double)value * value) / count);
        float scale = deviation > 0 ? (float)(1e-4 / deviation) : 0;
        var map = new TSne(affinities, [.. start.X.Select(value => value * scale)], [.. start.Y.Select(value => value * scale)]);
        map.Descend();
        return (map.x, map.y);
    }

    private void Descend()
    {
        float rate = Math.Max(count / Exaggeration / 4, 50);
        float[] speedX = new float[count], speedY = new float[count], gainX = new float[count], gainY = new float[count];
        Array.Fill(gainX, 1);
        Array.Fill(gainY, 1);
        for (var iteration = 0; iteration < Iterations; iteration++)
        {
            bool early = iteration < ExaggeratedIterations;
            Parallel.For(0, count, i => rows[i] = Forces(i));
            // Summed in order, so that the map is the same however many processors there are.
            var normalizer = (float)Math.Max(1e-12, rows.Sum(row => (double)row.Weight) - count);
            float attraction = early ? Exaggeration : 1, momentum = early ? 0.5f : 0.8f;
            for (var i = 0; i < count; i++)
            {
                Row row = rows[i];
                Move(ref x[i], ref speedX[i], ref gainX[i], 4 * (attraction * row.PullX - row.PushX / normalizer), rate, momentum);
                Move(ref y[i], ref speedY[i], ref gainY[i], 4 * (attraction * row.PullY - row.PushY / normalizer), rate, momentum);
            }
        }
    }

    private static void Move(ref float place, ref float speed, ref float gain, float gradient, float rate, float momentum)
    {
        gain = Math.Max(LeastGain, (gradient > 0) == (speed > 0) ? gain * 0.8f : gain + 0.2f);
        speed = momentum * speed - rate * gain * gradient;
        place += speed;
    }

    // What all points do to point i: the affine pull it, all push it. Point i itself adds 1 to the weight and nothing to the forces.
    private Row Forces(int i)
    {
        ReadOnlySpan<float> near = affinities.AsSpan(i * count, count);
        ReadOnlySpan<Vector<float>> nears = MemoryMarshal.Cast<float, Vector<float>>(near), xs = MemoryMarshal.Cast<float, Vector<float>>(x), ys = MemoryMarshal.Cast<float, Vector<float>>(y);
        Vector<float> ownX = new(x[i]), ownY = new(y[i]), weight = default, pullX = default, pullY = default, pushX = default, pushY = default;
        for (var j = 0; j < xs.Length; j++)
        {
            Vector<float> dx = ownX - xs[j], dy = ownY - ys[j];
            Vector<float> q = Vector<float>.One / (Vector<float>.One + dx * dx + dy * dy), pull = nears[j] * q, push = q * q;
            weight += q;
            pullX += pull * dx;
            pullY += pull * dy;
            pushX += push * dx;
            pushY += push * dy;
        }
        var row = new Row(Vector.Sum(weight), Vector.Sum(pullX), Vector.Sum(pullY), Vector.Sum(pushX), Vector.Sum(pushY));
        for (int j = xs.Length * Vector<float>.Count; j < count; j++)
        {
            float dx = x[i] - x[j], dy = y[i] - y[j], q = 1 / (1 + dx * dx + dy * dy), pull = near[j] * q, push = q * q;
            row = new Row(row.Weight + q, row.PullX + pull * dx, row.PullY + pull * dy, row.PushX + push * dx, row.PushY + push * dy);
        }
        return row;
    }

    private readonly record struct Row(float Weight, float PullX, float PullY, float PushX, float PushY);
}
