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

    /// <summary>Writes an image's values in their order, H×W×C.</summary>
    internal void Convert<TWriter>(byte* pixels, int count, int channels, byte* into)
        where TWriter : struct, IValueWriter
    {
        int i = 0;
        if (Avx2.IsSupported && Fma.IsSupported && count >= Block)
        {
            Constants a = new(this, 0), b = new(this, Lanes), c = new(this, 2 * Lanes);
            for (; i <= count - Block; i += Block)
            {
                TWriter.Write(into, i, a.Convert(pixels + i), b.Convert(pixels + i + 8));
                TWriter.Write(into, i + 16, c.Convert(pixels + i + 16), a.Convert(pixels + i + 24));
                TWriter.Write(into, i + 32, b.Convert(pixels + i + 32), c.Convert(pixels + i + 40));
            }
        }
        ConvertByTable<TWriter>(pixels, i, count, channels, into);
    }

    internal void ConvertByTable<TWriter>(byte* pixels, int start, int count, int channels, byte* into)
        where TWriter : struct, IValueWriter
    {
        for (int i = start; i < count; i++) TWriter.Write(into, i, table[(256 * (i % channels)) + pixels[i]]);
    }

    /// <summary>The scales and offsets of eight lanes from a place on.</summary>
    private readonly struct Constants(PixelConversion of, int first)
    {
        private readonly Vector256<float> scale = Vector256.Create(of.scales, first);
        private readonly Vector256<float> rest = Vector256.Create(of.rests, first);
        private readonly Vector256<float> offset = Vector256.Create(of.offsets, first);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal Vector256<float> Convert(byte* pixels)
        {
            Vector128<byte> lowest = Vector128.CreateScalarUnsafe(*(ulong*)pixels).AsByte();
            Vector256<float> levels = Avx.ConvertToVector256Single(Avx2.ConvertToVector256Int32(lowest));
            return Fma.MultiplyAdd(levels, scale, Fma.MultiplyAdd(levels, rest, offset));
        }
    }
}
