using System.Numerics;

namespace MoCo.Evaluation.Linear;

/// <summary>The gradient of softmax cross-entropy for several classifiers that lie side by side: class by class, within a class one number
/// for each classifier. So the classifiers are the lanes of a vector, and a row's logits become its gradient in one pass that stays in
/// cache.</summary>
internal static class SoftmaxGradient
{
    /// <summary>Rows of more numbers in all are shared out among the processors.</summary>
    private const int ManyValues = 1 << 19;

    /// <summary>Logits farther below the highest count as this far: e^−60 is nothing beside 1 in float32, but without the bound confident
    /// classifiers fill the gradient with denormal numbers, on which matrix products take several times as long.</summary>
    private const float Farthest = -60;

    /// <summary>Writes (softmax(z) − y) / N, and each classifier's mean loss.</summary>
    /// <param name="logits">z, N rows of C·R: class c of classifier r at c·R + r.</param>
    /// <param name="labels">The class of each row, 0 to C − 1.</param>
    /// <param name="classifiers">R.</param>
    /// <param name="gradient">Receives the gradient with respect to z; not the logits' own memory.</param>
    /// <param name="losses">Receives R mean losses.</param>
    internal static unsafe void Write(
        ReadOnlySpan<float> logits, ReadOnlySpan<int> labels, int classifiers, Span<float> gradient, Span<double> losses)
    {
        int rows = labels.Length;
        int width = logits.Length / rows;
        float[] rowLosses = new float[rows * classifiers];
        fixed (float* z = logits, g = gradient)
        fixed (int* y = labels)
        {
            (nint from, nint to, nint classes) = ((nint)z, (nint)g, (nint)y);
            void Row(int row) => WriteRow(
                new ReadOnlySpan<float>((float*)from + ((long)row * width), width),
                ((int*)classes)[row],
                1f / rows,
                new Span<float>((float*)to + ((long)row * width), width),
                rowLosses.AsSpan(row * classifiers, classifiers));
            if (logits.Length < ManyValues)
            {
                for (int row = 0; row < rows; row++) Row(row);
            }
            else Parallel.For(0, rows, Row);
        }
        losses.Clear();
        for (int i = 0; i < rowLosses.Length; i++) losses[i % classifiers] += rowLosses[i] / rows;
    }

    private static void WriteRow(ReadOnlySpan<float> logits, int label, float share, Span<float> gradient, Span<float> losses)
    {
        int classifiers = losses.Length;
        int lanes = Vector<float>.Count;
        if (classifiers < lanes)
        {
            for (int lane = 0; lane < classifiers; lane++) WriteLane(logits, label, share, gradient, losses, lane);
            return;
        }
        for (int lane = 0; lane < classifiers; lane += lanes)
        {
            // The last vector overlaps the one before it where they do not come out even: it computes the same again.
            int at = Math.Min(lane, classifiers - lanes);
            Vector<float> highest = new(logits[at..]);
            for (int i = at + classifiers; i < logits.Length; i += classifiers)
                highest = Vector.Max(highest, new Vector<float>(logits[i..]));
            Vector<float> sum = Vector<float>.Zero;
            for (int i = at; i < logits.Length; i += classifiers)
            {
                Vector<float> power = Vector.Exp(Vector.Max(new Vector<float>(logits[i..]) - highest, new Vector<float>(Farthest)));
                sum += power;
                power.CopyTo(gradient[i..]);
            }
            Vector<float> scale = new Vector<float>(share) / sum;
            for (int i = at; i < logits.Length; i += classifiers)
                (new Vector<float>(gradient[i..]) * scale).CopyTo(gradient[i..]);
            int own = at + (label * classifiers);
            (new Vector<float>(gradient[own..]) - new Vector<float>(share)).CopyTo(gradient[own..]);
            (highest + Vector.Log(sum) - new Vector<float>(logits[own..])).CopyTo(losses[at..]);
        }
    }

    private static void WriteLane(ReadOnlySpan<float> logits, int label, float share, Span<float> gradient, Span<float> losses, int lane)
    {
        int classifiers = losses.Length;
        float highest = float.NegativeInfinity;
        for (int i = lane; i < logits.Length; i += classifiers) highest = MathF.Max(highest, logits[i]);
        float sum = 0f;
        for (int i = lane; i < logits.Length; i += classifiers) sum += gradient[i] = MathF.Exp(MathF.Max(logits[i] - highest, Farthest));
        for (int i = lane; i < logits.Length; i += classifiers) gradient[i] *= share / sum;
        int own = lane + (label * classifiers);
        gradient[own] -= share;
        losses[lane] = highest + MathF.Log(sum) - logits[own];
    }
}
