namespace MoCo.Augmentation;

/// <summary>For each output pixel of one axis: the first input pixel that it sees and the weights of that and the following
/// ones, in fixed point.</summary>
/// <remarks>Bilinear as PIL resizes: a triangle filter, widened by the reduction so that it antialiases, half-pixel centres,
/// cut at the borders and normalised.</remarks>
internal sealed class ResampleWeights
{
    /// <summary>PIL's: 8 bits for the pixel and 2 against overflow leave 22 of 32 for a weight.</summary>
    internal const int FractionBits = 22;

    private double[] exact = [];

    internal int Taps { get; private set; }

    internal int[] Starts { get; private set; } = [];

    /// <summary>Output × <see cref="Taps"/>; what lies past an output's last input pixel is zero.</summary>
    internal int[] Values { get; private set; } = [];

    /// <summary>Input pixels seen by each output pixel, at most <see cref="Taps"/>.</summary>
    internal int[] Counts { get; private set; } = [];

    internal void Compute(int input, int output)
    {
        var scale = (double)input / output;
        var support = Math.Max(scale, 1);
        // A window of 2·support can touch one pixel more than its length, but never more than there are.
        Taps = Math.Min((2 * (int)Math.Ceiling(support)) + 1, input);
        Grow(output);
        Array.Clear(Values, 0, output * Taps);
        for (var o = 0; o < output; o++)
        {
            var centre = (o + 0.5) * scale;
            var start = Math.Max((int)(centre - support + 0.5), 0);
            var count = Math.Min((int)(centre + support + 0.5), input) - start;
            var sum = 0.0;
            for (var i = 0; i < count; i++)
                sum += exact[i] = Math.Max(0, 1 - Math.Abs((start + i - centre + 0.5) / support));
            for (var i = 0; i < count; i++)
                Values[(o * Taps) + i] = (int)((exact[i] / sum * (1 << FractionBits)) + 0.5);
            (Starts[o], Counts[o]) = (start, count);
        }
    }

    private void Grow(int output)
    {
        if (exact.Length < Taps)
            exact = new double[Taps];
        if (Starts.Length < output)
            (Starts, Counts) = (new int[output], new int[output]);
        if (Values.Length < output * Taps)
            Values = new int[output * Taps];
    }
}
