using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace MoCo.Augmentation.Conversion;

/// <summary>Bytes to normalised numbers, level · scale + offset for each channel: by vectors where the processor has AVX2 and fused
/// multiply-add, else from a table with the same values.</summary>
/// <remarks>The scale is the sum of two floats, so that a value is within a rounding or two of the exact one.</remarks>
internal sealed unsafe class PixelConversion
{
    /// <summary>Vectors of eight, after three of which channels and lanes meet again.</summary>
    private const int Lanes = 8, Period = 3 * Lanes, Block = 2 * Period;

    private readonly float[] scales = new float[Period], rests = new float[Period], offsets = new float[Period];
    private readonly float[] table;

    internal PixelConversion(IReadOnlyList<double> mean, IReadOnlyList<double> deviation)
    {
        for (int i = 0; i < Period; i++)
        {
            (double m, double d) = (mean[i % mean.Count], deviation[i % mean.Count]);
            scales[i] = (float)(1 / (255 * d));
            rests[i] = (float)((1 / (255 * d)) - scales[i]);
            offsets[i] = (float)(-m / d);
        }
        table = new float[256 * 3];
        for (int i = 0; i < table.Length; i++)
            table[i] = MathF.FusedMultiplyAdd(i % 256, scales[i / 256], MathF.FusedMultiplyAdd(i % 256, rests[i / 256], offsets[i / 256]));
    }

    /// <summary>H×W×C as the image has them.</summary>
    internal void Interleaved<TWriter>(byte* pixels, int count, int channels, byte* into)
        where TWriter : struct, IValueWriter
    {
        int i = 0;
        if (Avx2.IsSupported && Fma.IsSupported && count >= Block)
        {
            Constants a = new(this, 0, 1), b = new(this, Lanes, 1), c = new(this, 2 * Lanes, 1);
            for (; i <= count - Block; i += Block)
            {
                TWriter.Write(into, i, a.Convert(pixels + i), b.Convert(pixels + i + 8));
                TWriter.Write(into, i + 16, c.Convert(pixels + i + 16), a.Convert(pixels + i + 24));
                TWriter.Write(into, i + 32, b.Convert(pixels + i + 32), c.Convert(pixels + i + 40));
            }
        }
        InterleavedScalar<TWriter>(pixels, i, count, channels, into);
    }

    internal void InterleavedScalar<TWriter>(byte* pixels, int start, int count, int channels, byte* into)
        where TWriter : struct, IValueWriter
    {
        for (int i = start; i < count; i++) TWriter.Write(into, i, table[(256 * (i % channels)) + pixels[i]]);
    }

    /// <summary>C×H×W of a color image.</summary>
    internal void Planes<TWriter>(byte* pixels, int count, byte* into)
        where TWriter : struct, IValueWriter
    {
        int i = 0;
        if (Avx2.IsSupported && Fma.IsSupported && count >= Vector128<byte>.Count)
        {
            Constants red = new(this, 0, 0), green = new(this, 1, 0), blue = new(this, 2, 0);
            for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                Vector128<byte> first = Vector128.Load(pixels + (3L * i));
                Vector128<byte> second = Vector128.Load(pixels + (3L * i) + 16);
                Vector128<byte> third = Vector128.Load(pixels + (3L * i) + 32);
                Write<TWriter>(into, i, red, Plane(first, second, third, 0));
                Write<TWriter>(into, i + (nint)count, green, Plane(first, second, third, 1));
                Write<TWriter>(into, i + (2 * (nint)count), blue, Plane(first, second, third, 2));
            }
        }
        PlanesScalar<TWriter>(pixels, i, count, into);
    }

    internal void PlanesScalar<TWriter>(byte* pixels, int start, int count, byte* into)
        where TWriter : struct, IValueWriter
    {
        for (int channel = 0; channel < 3; channel++)
        {
            for (int i = start; i < count; i++)
                TWriter.Write(into, i + (channel * (nint)count), table[(256 * channel) + pixels[(3L * i) + channel]]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TWriter>(byte* into, nint index, in Constants constants, Vector128<byte> levels)
        where TWriter : struct, IValueWriter
    {
        Vector128<byte> high = Vector128.Shuffle(levels.AsUInt64(), Vector128.Create(1UL, 1)).AsByte();
        TWriter.Write(into, index, constants.Convert(levels), constants.Convert(high));
    }

    /// <summary>One channel of sixteen pixels; an index past the end of a vector gives zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Plane(
        Vector128<byte> first, Vector128<byte> second, Vector128<byte> third, [ConstantExpected] int channel) => channel switch
        {
            0 => Vector128.Shuffle(first, Vector128.Create(0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 4, 7, 10, 13)),
            1 => Vector128.Shuffle(first, Vector128.Create(1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2, 5, 8, 11, 14)),
            _ => Vector128.Shuffle(first, Vector128.Create(2, 5, 8, 11, 14, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(second, Vector128.Create(255, 255, 255, 255, 255, 1, 4, 7, 10, 13, 255, 255, 255, 255, 255, 255))
                | Vector128.Shuffle(third, Vector128.Create(255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 0, 3, 6, 9, 12, 15)),
        };

    /// <summary>The scales and offsets of eight lanes.</summary>
    private readonly struct Constants
    {
        private readonly Vector256<float> scale, rest, offset;

        /// <param name="of">Where from.</param>
        /// <param name="first">The first lane's place.</param>
        /// <param name="step">1: the following places for the following lanes; 0: the same for all.</param>
        internal Constants(PixelConversion of, int first, int step)
        {
            scale = step == 1 ? Vector256.Create(of.scales, first) : Vector256.Create(of.scales[first]);
            rest = step == 1 ? Vector256.Create(of.rests, first) : Vector256.Create(of.rests[first]);
            offset = step == 1 ? Vector256.Create(of.offsets, first) : Vector256.Create(of.offsets[first]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Vector256<float> Convert(byte* pixels) => Convert(Vector128.CreateScalarUnsafe(*(ulong*)pixels).AsByte());

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Vector256<float> Convert(Vector128<byte> lowest)
        {
            Vector256<float> levels = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(lowest));
            return Fma.MultiplyAdd(levels, scale, Fma.MultiplyAdd(levels, rest, offset));
        }
    }
}
