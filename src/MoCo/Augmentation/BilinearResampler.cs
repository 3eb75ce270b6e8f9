using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using MoCo.Data;

namespace MoCo.Augmentation;

/// <summary>Cuts a rectangle out of a picture and resizes it as PIL does: antialiased bilinear, columns first, then rows,
/// rounded to 8 bits after each pass.</summary>
/// <remarks>Weights of short axes are kept, of long ones computed anew in the same memory (there they cost little beside the
/// pixels). The vector path and the scalar one give the same bytes.</remarks>
internal sealed unsafe class BilinearResampler
{
    private const int LongestKeptAxis = 256;
    private const int Half = 1 << (ResampleWeights.FractionBits - 1);

    private readonly Dictionary<(int Input, int Output), ResampleWeights> kept = [];
    private readonly ResampleWeights columns = new();
    private readonly ResampleWeights rows = new();
    private byte[] between = [];

    internal void Resize(ImageBuffer source, CropBox box, ImageBuffer target, int width, int height)
    {
        var channels = source.Channels;
        target.Resize(width, height, channels);
        var stride = source.Width * channels;
        fixed (byte* pixels = source.Pixels, result = target.Pixels)
        {
            var corner = pixels + (box.Top * (long)stride) + (box.Left * channels);
            if (box.Height == height)
            {
                ResizeRows(corner, stride, box, result, width, channels);
                return;
            }

            var rowWeights = Weights(box.Height, height, rows);
            if (box.Width == width)
            {
                ResizeColumns(corner, stride, result, width * channels, height, rowWeights);
                return;
            }

            var needed = checked(width * channels * box.Height);
            if (between.Length < needed)
                between = GC.AllocateUninitializedArray<byte>(needed);
            fixed (byte* narrowed = between)
            {
                ResizeRows(corner, stride, box, narrowed, width, channels);
                ResizeColumns(narrowed, width * channels, result, width * channels, height, rowWeights);
            }
        }
    }

    private ResampleWeights Weights(int input, int output, ResampleWeights reusable)
    {
        if (input > LongestKeptAxis || output > LongestKeptAxis)
        {
            reusable.Compute(input, output);
            return reusable;
        }

        if (!kept.TryGetValue((input, output), out var weights))
        {
            weights = new ResampleWeights();
            weights.Compute(input, output);
            kept.Add((input, output), weights);
        }

        return weights;
    }

    /// <summary>Each row of the box to <paramref name="width"/> pixels.</summary>
    private void ResizeRows(byte* source, int stride, CropBox box, byte* target, int width, int channels)
    {
        var length = width * channels;
        if (box.Width == width)
        {
            for (var y = 0; y < box.Height; y++, source += stride, target += length)
                Unsafe.CopyBlock(target, source, (uint)length);
            return;
        }

        var weights = Weights(box.Width, width, columns);
        fixed (int* starts = weights.Starts, counts = weights.Counts, values = weights.Values)
        {
            for (var y = 0; y < box.Height; y++, source += stride, target += length)
            {
                if (channels == 1)
                    ResizeGreyRow(source, target, width, starts, counts, values, weights.Taps);
                else
                    ResizeColourRow(source, target, width, starts, counts, values, weights.Taps);
            }
        }
    }

    private static void ResizeGreyRow(byte* source, byte* target, int width, int* starts, int* counts, int* values, int taps)
    {
        for (var x = 0; x < width; x++, values += taps)
        {
            var pixel = source + starts[x];
            var sum = Half;
            for (var i = 0; i < counts[x]; i++)
                sum += pixel[i] * values[i];
            target[x] = (byte)(sum >> ResampleWeights.FractionBits);
        }
    }

    private static void ResizeColourRow(byte* source, byte* target, int width, int* starts, int* counts, int* values, int taps)
    {
        for (var x = 0; x < width; x++, values += taps, target += 3)
        {
            var pixel = source + (3 * starts[x]);
            int red = Half, green = Half, blue = Half;
            for (var i = 0; i < counts[x]; i++, pixel += 3)
            {
                red += pixel[0] * values[i];
                green += pixel[1] * values[i];
                blue += pixel[2] * values[i];
            }

            target[0] = (byte)(red >> ResampleWeights.FractionBits);
            target[1] = (byte)(green >> ResampleWeights.FractionBits);
            target[2] = (byte)(blue >> ResampleWeights.FractionBits);
        }
    }

    /// <summary>Weighted sums of whole rows: the same weights for all values of a row, so that vectors run along it.</summary>
    private static void ResizeColumns(byte* source, int stride, byte* target, int length, int height, ResampleWeights weights)
    {
        fixed (int* values = weights.Values)
        {
            for (var y = 0; y < height; y++, target += length)
                BlendRows(source + (weights.Starts[y] * (long)stride), stride, weights.Counts[y], values + (y * weights.Taps), target, length);
        }
    }

    private static void BlendRows(byte* first, int stride, int count, int* weights, byte* target, int length)
    {
        if (!Vector128.IsHardwareAccelerated || length < Vector128<byte>.Count)
        {
            BlendRowsScalar(first, stride, count, weights, target, length);
            return;
        }

        for (var x = 0; x < length; x += Vector128<byte>.Count)
        {
            // The last vector overlaps the one before: both give the same bytes there.
            var at = Math.Min(x, length - Vector128<byte>.Count);
            var sum0 = Vector128.Create(Half);
            Vector128<int> sum1 = sum0, sum2 = sum0, sum3 = sum0;
            var row = first + at;
            for (var i = 0; i < count; i++, row += stride)
            {
                var weight = Vector128.Create(weights[i]);
                var (low, high) = Vector128.Widen(Vector128.Load(row));
                var (p0, p1) = Vector128.Widen(low.AsInt16());
                var (p2, p3) = Vector128.Widen(high.AsInt16());
                sum0 += p0 * weight;
                sum1 += p1 * weight;
                sum2 += p2 * weight;
                sum3 += p3 * weight;
            }

            var lower = Vector128.Narrow(sum0 >> ResampleWeights.FractionBits, sum1 >> ResampleWeights.FractionBits);
            var upper = Vector128.Narrow(sum2 >> ResampleWeights.FractionBits, sum3 >> ResampleWeights.FractionBits);
            Vector128.Narrow(lower.AsUInt16(), upper.AsUInt16()).Store(target + at);
        }
    }

    private static void BlendRowsScalar(byte* first, int stride, int count, int* weights, byte* target, int length)
    {
        for (var x = 0; x < length; x++)
        {
            var sum = Half;
            for (var i = 0; i < count; i++)
                sum += first[x + (i * (long)stride)] * weights[i];
            target[x] = (byte)(sum >> ResampleWeights.FractionBits);
        }
    }
}
