using MoCo.Imaging;

namespace MoCo.Augmentation.Blur;

/// <summary>Blurs an image in place: each row as 16-bit values with <see cref="SymmetricSum.FractionBits"/> bits after the point, then the
/// columns over a ring of such rows.</summary>
/// <remarks>The ring holds just the rows that one row of the result sees, so that it stays in the cache.</remarks>
internal sealed unsafe class BlurFilter
{
    private readonly BlurWeights weights = new();
    private short[] padded = [];
    private short[] ring = [];
    private short[] row = [];
    private nint[] taps = [];

    internal void Apply(ImageBuffer image, double sigma)
    {
        weights.Compute(sigma);
        (int radius, int length) = (weights.Radius, image.Width * image.Channels);
        int rows = (2 * radius) + 1;
        Grow(ref padded, length + (2 * radius * image.Channels));
        Grow(ref row, length);
        Grow(ref ring, checked(rows * length));
        if (taps.Length < 2 * (radius + 1)) taps = new nint[2 * (radius + 1)];

        fixed (byte* pixels = image.Pixels)
        fixed (short* line = padded, blurred = ring, sums = row)
        fixed (int* values = weights.Values)
        fixed (nint* pointers = taps)
        {
            short** before = (short**)pointers;
            short** after = before + radius + 1;
            int ready = 0;
            for (int y = 0; y < image.Height; y++)
            {
                for (; ready <= Math.Min(y + radius, image.Height - 1); ready++)
                {
                    short* result = blurred + ((long)(ready % rows) * length);
                    BlurRow(pixels + ((long)ready * length), line, image.Width, image.Channels, result, before, after, values, radius);
                }
                for (int i = 0; i <= radius; i++)
                {
                    before[i] = blurred + ((long)(Math.Max(y - i, 0) % rows) * length);
                    after[i] = blurred + ((long)(Math.Min(y + i, image.Height - 1) % rows) * length);
                }
                SymmetricSum.Sum(before, after, values, radius, sums, length);
                SymmetricSum.Narrow(sums, pixels + ((long)y * length), length);
            }
        }
    }

    private static void BlurRow(
        byte* row, short* line, int width, int channels, short* into, short** before, short** after, int* weights, int radius)
    {
        (int length, int margin) = (width * channels, radius * channels);
        SymmetricSum.Widen(row, line + margin, length);
        for (int i = 0; i < margin; i++)
        {
            line[i] = line[margin + (i % channels)];
            line[margin + length + i] = line[margin + length - channels + (i % channels)];
        }
        for (int i = 0; i <= radius; i++)
        {
            before[i] = line + margin - (i * channels);
            after[i] = line + margin + (i * channels);
        }
        SymmetricSum.Sum(before, after, weights, radius, into, length);
    }

    private static void Grow(ref short[] memory, int length)
    {
        if (memory.Length < length) memory = GC.AllocateUninitializedArray<short>(length);
    }
}
