using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using MoCo.Augmentation;
using MoCo.Augmentation.Blur;
using MoCo.Augmentation.Color;
using MoCo.Augmentation.Conversion;
using MoCo.Augmentation.Resampling;
using MoCo.Evaluation.Linear;
using MoCo.Imaging.Formats;

namespace MoCo.Tests.Augmentation;

/// <summary>What the child process does: runs every kernel that works on pointers or unchecked references over memory that ends, and then
/// over memory that begins, at a page that may not be touched.</summary>
internal static unsafe class KernelBoundsProgram
{
    /// <summary>The first argument that starts it.</summary>
    public const string Name = "kernel-bounds";

    private static readonly Random Draws = new(20);

    private static readonly (string Name, bool IsSupported, Action<int, bool> Run)[] Kernels =
    [
        ("RowResize, color", true, (size, atEnd) => Resize(size, 3, atEnd)),
        ("RowResize, grey", true, (size, atEnd) => Resize(size, 1, atEnd)),
        ("RowBlend", true, (size, atEnd) => Blend(RowBlend.Blend, 1, size, atEnd)),
        ("RowBlend, 128 bits", Vector128.IsHardwareAccelerated, (size, atEnd) => Blend(RowBlend.Blend128, 16, size, atEnd)),
        ("RowBlend, 256 bits", Avx2.IsSupported, (size, atEnd) => Blend(RowBlend.Blend256, 32, size, atEnd)),
        ("RowBlend, 512 bits", Avx512BW.IsSupported, (size, atEnd) => Blend(RowBlend.Blend512, 64, size, atEnd)),
        ("SymmetricSum", true, (size, atEnd) => Sum(SymmetricSum.Sum, 1, size, atEnd)),
        ("SymmetricSum, 128 bits", Ssse3.IsSupported || AdvSimd.IsSupported, (size, atEnd) => Sum(SymmetricSum.Sum128, 8, size, atEnd)),
        ("SymmetricSum, 256 bits", Avx2.IsSupported, (size, atEnd) => Sum(SymmetricSum.Sum256, 32, size, atEnd)),
        ("SymmetricSum, 512 bits", Avx512BW.IsSupported, (size, atEnd) => Sum(SymmetricSum.Sum512, 64, size, atEnd)),
        ("SymmetricSum, widening and narrowing", true, Units),
        ("Interleaving", true, Planes),
        ("ColorLanes and ToneCurve", true, Colors),
        ("PixelConversion", true, Convert),
        ("HorizontalFlip", true, Mirror),
        ("RgbaPixels", true, DropAlpha),
        ("SoftmaxGradient", true, Softmax),
    ];

    private delegate void Blending(byte* first, nint stride, ReadOnlySpan<int> weights, byte* into, int length);

    private delegate void Summing(short** before, short** after, int* weights, int radius, short* into, int length);

    /// <param name="args">A file that holds the kernel and the size that are under way.</param>
    public static int Run(string[] args)
    {
        int[] sizes = [.. Enumerable.Range(1, 64), .. Enumerable.Range(0, 60).Select(_ => Draws.Next(65, 3000))];
        foreach (bool atEnd in (ReadOnlySpan<bool>)[true, false])
        {
            foreach (int size in sizes)
            {
                foreach ((string kernel, _, Action<int, bool> run) in Kernels.Where(kernel => kernel.IsSupported))
                {
                    File.WriteAllText(args[0], $"{kernel} at size {size}, {(atEnd ? "end" : "start")}");
                    run(size, atEnd);
                }
            }
        }
        File.WriteAllText(args[0], "done");
        return 0;
    }

    /// <summary>Towards a larger, an equal, a smaller and a much smaller width, and a width of one.</summary>
    private static void Resize(int size, int channels, bool atEnd)
    {
        foreach (int output in new[] { size * 2, size, size - size / 3, (size + 1) / 2, Math.Max(1, size / 9), Math.Max(1, size / 31), 1 })
        {
            RowResize rows = new();
            rows.Prepare(ResampleSpan.Whole(size), output);
            using GuardedMemory row = GuardedMemory.Noise(size * channels + RowResize.Margin, atEnd, Draws);
            using GuardedMemory into = new(RowResize.Room(output, channels), atEnd);
            rows.Resize(row.Bytes, into.Bytes, channels);
        }
    }

    private static void Blend(Blending blend, int least, int length, bool atEnd)
    {
        if (length < least) return;
        foreach (int count in new[] { 1, 2, 3, RowBlend.LongestShortSum, RowBlend.LongestShortSum + 7 })
        {
            // The kernels of a fixed width add few rows; only the choice among them takes any number.
            if (least > 1 && count is 1 or > RowBlend.LongestShortSum) continue;
            int[] weights = new int[count];
            Array.Fill(weights, (1 << RowBlend.FractionBits) / count);
            using GuardedMemory rows = GuardedMemory.Noise((long)length * count, atEnd, Draws);
            using GuardedMemory into = new(length, atEnd);
            blend(rows.Bytes, length, weights, into.Bytes, length);
        }
    }

    private static void Sum(Summing sum, int least, int length, bool atEnd)
    {
        if (length < least) return;
        int[] weights = [1 << 14, 1 << 13, 1 << 12, 1 << 12];
        const int Radius = 3;
        using GuardedMemory rows = new((2L * Radius + 1) * length * sizeof(short), atEnd), into = new(length * sizeof(short), atEnd);
        short** before = stackalloc short*[Radius + 1], after = stackalloc short*[Radius + 1];
        for (int i = 0; i <= Radius; i++)
        {
            before[i] = (short*)rows.Bytes + (Radius - i) * length;
            after[i] = (short*)rows.Bytes + (Radius + i) * length;
        }
        fixed (int* values = weights) sum(before, after, values, Radius, (short*)into.Bytes, length);
    }

    private static void Units(int length, bool atEnd)
    {
        using GuardedMemory levels = GuardedMemory.Noise(length, atEnd, Draws), units = new(length * sizeof(short), atEnd);
        SymmetricSum.Widen(levels.Bytes, (short*)units.Bytes, length);
        SymmetricSum.Narrow((short*)units.Bytes, levels.Bytes, length);
    }

    private static void Planes(int count, bool atEnd)
    {
        using GuardedMemory pixels = GuardedMemory.Noise(3L * count, atEnd, Draws);
        using GuardedMemory red = new(count, atEnd), green = new(count, atEnd), blue = new(count, atEnd);
        Interleaving.Split(pixels.Span, red.Span, green.Span, blue.Span);
        Interleaving.Join(red.Span, green.Span, blue.Span, pixels.Span);
    }

    private static void Colors(int count, bool atEnd)
    {
        using GuardedMemory red = GuardedMemory.Noise(count, atEnd, Draws), green = GuardedMemory.Noise(count, atEnd, Draws);
        using GuardedMemory blue = GuardedMemory.Noise(count, atEnd, Draws), curve = GuardedMemory.Noise(ToneCurve.Length, atEnd, Draws);
        foreach (LaneWidth width in Enum.GetValues<LaneWidth>().Where(width => width <= ColorLanes.Widest))
        {
            ColorLanes.Apply(width, new Saturation(0.7f), red.Span, green.Span, blue.Span);
            ColorLanes.Apply(width, new HueShift(20), red.Span, green.Span, blue.Span);
            ColorLanes.SumOfLuma(width, red.Span, green.Span, blue.Span);
        }
        ToneCurve.Apply(curve.Span, red.Span);
    }

    private static void Convert(int count, bool atEnd)
    {
        PixelConversion conversion = new([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]);
        using GuardedMemory pixels = GuardedMemory.Noise(3L * count, atEnd, Draws);
        using GuardedMemory floats = new(12L * count, atEnd), halves = new(6L * count, atEnd);
        conversion.Convert<Float32Writer>(pixels.Bytes, 3 * count, 3, floats.Bytes);
        conversion.Convert<BFloat16Writer>(pixels.Bytes, 3 * count, 3, halves.Bytes);
    }

    private static void Mirror(int count, bool atEnd)
    {
        using GuardedMemory row = GuardedMemory.Noise(3L * count, atEnd, Draws);
        HorizontalFlip.MirrorColor(row.Span);
    }

    private static void DropAlpha(int count, bool atEnd)
    {
        using GuardedMemory rgba = GuardedMemory.Noise(4L * count, atEnd, Draws), rgb = new(3L * count, atEnd);
        RgbaPixels.ToRgb(rgba.Span, rgb.Span);
        RgbaPixels.ToRgb(rgba.Span, rgba.Span);
    }

    private static void Softmax(int classifiers, bool atEnd)
    {
        const int Rows = 3, Classes = 4;
        int width = Classes * classifiers * sizeof(float);
        using GuardedMemory logits = new(Rows * width, atEnd), gradient = new(Rows * width, atEnd), losses = new(8 * classifiers, atEnd);
        SoftmaxGradient.Write(Values<float>(logits), [0, 3, 1], classifiers, Values<float>(gradient), Values<double>(losses));
    }

    private static Span<T> Values<T>(GuardedMemory memory) where T : unmanaged => new(memory.Bytes, memory.Count / sizeof(T));
}
