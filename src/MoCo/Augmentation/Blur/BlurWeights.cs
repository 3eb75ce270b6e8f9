namespace MoCo.Augmentation.Blur;

/// <summary>Half of a symmetric filter in 15-bit fixed point: PIL's three extended box filters for a standard deviation, convolved into
/// one.</summary>
internal sealed class BlurWeights
{
    private const int One = 1 << 15;
    private const int Passes = 3;
    private const int Twice = 0x10001;

    private double[] box = [], once = [], twice = [];

    /// <summary>Pixels on either side of the centre.</summary>
    internal int Radius { get; private set; }

    /// <summary>The weight of the centre, then those of the pixels at distance 1 … <see cref="Radius"/>. Each stands twice in its 32 bits:
    /// that is what a processor spreads over a vector without shuffling.</summary>
    internal int[] Values { get; private set; } = [];

    internal void Compute(double sigma)
    {
        // A box of 2·length + 1 whole pixels and a part of one more at either end, with the variance of a third of the Gaussian's.
        double variance = sigma * sigma / Passes;
        int length = (int)Math.Floor((Math.Sqrt((12 * variance) + 1) - 1) / 2);
        double part = ((2 * length) + 1) * ((length * (length + 1)) - (3 * variance)) / (6 * (variance - ((length + 1.0) * (length + 1))));
        int reach = length + 1;
        Grow(reach);
        double weight = 1 / ((2 * (length + part)) + 1);
        Array.Fill(box, weight, 0, (2 * reach) + 1);
        box[0] = box[2 * reach] = part * weight;

        Convolve(box, (2 * reach) + 1, once);
        Convolve(once, (4 * reach) + 1, twice);
        Quantize(Passes * reach);

        void Convolve(double[] values, int count, double[] into)
        {
            Array.Clear(into, 0, count + (2 * reach));
            for (int i = 0; i < count; i++)
                for (int j = 0; j <= 2 * reach; j++) into[i + j] += values[i] * box[j];
        }
    }

    /// <summary>Rounds so that the weights still sum to one, and leaves out tails that round to nothing.</summary>
    private void Quantize(int reach)
    {
        (Radius, int sum) = (0, 0);
        (double tail, int taken) = (0.0, 0);
        for (int i = reach; i > 0; i--)
        {
            // Rounding the running sum, not each weight, carries what one weight loses on to the next.
            tail += twice[reach + i] * One;
            int value = (int)Math.Round(tail) - taken;
            taken += value;
            Values[i] = value * Twice;
            sum += 2 * value;
            if (value != 0 && Radius == 0) Radius = i;
        }
        Values[0] = Math.Min(One - sum, short.MaxValue) * Twice;
    }

    private void Grow(int reach)
    {
        if (Values.Length > Passes * reach) return;
        Values = new int[(Passes * reach) + 1];
        box = new double[(2 * reach) + 1];
        once = new double[(4 * reach) + 1];
        twice = new double[(6 * reach) + 1];
    }
}
