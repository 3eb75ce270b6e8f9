namespace SixLabors.ImageSharp.Processing;

/// <summary>Separable bicubic resampling (a = −½) whose kernel widens with the reduction.</summary>
internal static class BicubicResize
{
    private const double Radius = 2;

    internal static void Apply(ReadOnlySpan<byte> from, int width, int height, Span<byte> to, int newWidth, int newHeight)
    {
        var columns = Weights(width, newWidth);
        var rows = Weights(height, newHeight);
        var wide = new float[height * newWidth * 3];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < newWidth; x++)
            {
                var (start, weights) = columns[x];
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0f;
                    for (var i = 0; i < weights.Length; i++)
                        sum += weights[i] * from[(((y * width) + start + i) * 3) + c];
                    wide[(((y * newWidth) + x) * 3) + c] = sum;
                }
            }
        }

        for (var y = 0; y < newHeight; y++)
        {
            var (start, weights) = rows[y];
            for (var x = 0; x < newWidth * 3; x++)
            {
                var sum = 0f;
                for (var i = 0; i < weights.Length; i++)
                    sum += weights[i] * wide[((start + i) * newWidth * 3) + x];
                to[(y * newWidth * 3) + x] = (byte)Math.Clamp(MathF.Round(sum), 0, 255);
            }
        }
    }

    private static (int Start, float[] Weights)[] Weights(int size, int newSize)
    {
        var scale = (double)size / newSize;
        var stretch = Math.Max(scale, 1);
        var result = new (int, float[])[newSize];
        for (var i = 0; i < newSize; i++)
        {
            var center = (i + 0.5) * scale;
            var start = Math.Max(0, (int)Math.Floor(center - (Radius * stretch)));
            var end = Math.Min(size, (int)Math.Ceiling(center + (Radius * stretch)));
            var weights = new float[end - start];
            for (var j = 0; j < weights.Length; j++)
                weights[j] = (float)Kernel((start + j + 0.5 - center) / stretch);
            var total = weights.Sum();
            for (var j = 0; j < weights.Length; j++)
                weights[j] /= total;
            result[i] = (start, weights);
        }

        return result;
    }

    private static double Kernel(double x)
    {
        x = Math.Abs(x);
        return x < 1 ? (((1.5 * x) - 2.5) * x * x) + 1
            : x < 2 ? (((((-0.5 * x) + 2.5) * x) - 4) * x) + 2
            : 0;
    }
}
