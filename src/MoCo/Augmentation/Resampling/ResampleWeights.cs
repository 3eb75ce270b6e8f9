namespace MoCo.Augmentation.Resampling;

/// <summary>For each output pixel of one axis: the first input pixel that it sees and the weights of that and the following ones, in fixed
/// point.</summary>
/// <remarks>Bilinear as PIL resizes: a triangle filter, widened by the reduction so that it antialiases, half-pixel centres, cut at the
/// borders and normalised. The weights of an output sum to exactly one: an image of one color keeps it.</remarks>
internal sealed class ResampleWeights(int fractionBits)
{
    private const int LongestKept = 1 << 18;

    private (ResampleSpan Input, int Output) made;

    /// <summary>The most input pixels that an output pixel sees.</summary>
    internal int Taps { get; private set; }

    internal int[] Starts { get; private set; } = [];

    /// <summary>Input pixels seen by each output pixel, at least 1.</summary>
    internal int[] Counts { get; private set; } = [];

    /// <summary>Output × <see cref="Taps"/>; what lies past an output's last input pixel is undefined.</summary>
    internal int[] Values { get; private set; } = [];

    /// <returns>False where the weights are there already.</returns>
    internal bool Compute(ResampleSpan input, int output)
    {
        if ((input, output) == made) return false;
        made = default;
        double scale = input.Length / output;
        double support = Math.Max(scale, 1);
        Starts = Fit(Starts, output);
        Counts = Fit(Counts, output);
        Taps = 0;
        for (int o = 0; o < output; o++)
        {
            double centre = input.Offset + ((o + 0.5) * scale);
            Starts[o] = Math.Max((int)(centre - support + 0.5), 0);
            Counts[o] = Math.Min((int)(centre + support + 0.5), input.Pixels) - Starts[o];
            Taps = Math.Max(Taps, Counts[o]);
        }
        Values = Fit(Values, checked(output * Taps));
        for (int o = 0; o < output; o++)
            Fill(Values.AsSpan(o * Taps, Counts[o]), input.Offset + ((o + 0.5) * scale) - 0.5 - Starts[o], 1 / support);
        made = (input, output);
        return true;
    }

    /// <summary>A triangle about <paramref name="centre"/>, whose rounding errors are carried on from weight to weight.</summary>
    private void Fill(Span<int> weights, double centre, double slope)
    {
        double sum = 0.0;
        for (int i = 0; i < weights.Length; i++) sum += Math.Max(0, 1 - (Math.Abs(i - centre) * slope));
        double scale = (1 << fractionBits) / sum;
        (double running, int taken) = (0.5, 0);
        for (int i = 0; i < weights.Length; i++)
        {
            running += Math.Max(0, 1 - (Math.Abs(i - centre) * slope)) * scale;
            weights[i] = (int)running - taken;
            taken += weights[i];
        }
        // The sum of floating-point shares may end a hair below one.
        weights[^1] += (1 << fractionBits) - taken;
    }

    /// <summary>Memory for so many values; what one odd image made huge is not kept for all that follow.</summary>
    private static int[] Fit(int[] memory, int length) =>
        memory.Length < length || (memory.Length > LongestKept && length <= LongestKept) ? new int[length] : memory;
}
