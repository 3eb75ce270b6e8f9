using System.Runtime.InteropServices;

namespace MoCo.Augmentation.Color;

/// <summary>How many pixels the color formulas take at a time; the number of lanes is the value.</summary>
internal enum LaneWidth
{
    One = 1,
    Four = 4,
    Eight = 8,
    Sixteen = 16,
}

/// <summary>Takes planes of pixels through a formula, as many at a time as is asked for and those left at the end one by one.</summary>
internal static class ColorLanes
{
    /// <summary>What this machine has.</summary>
    internal static LaneWidth Widest =>
        Lanes16.IsSupported ? LaneWidth.Sixteen :
        Lanes8.IsSupported ? LaneWidth.Eight :
        Lanes4.IsSupported ? LaneWidth.Four :
        LaneWidth.One;

    /// <summary>Applies a formula in place. The planes are equally long; a grey image's are one.</summary>
    internal static void Apply<TFormula>(LaneWidth width, TFormula formula, Span<byte> red, Span<byte> green, Span<byte> blue)
        where TFormula : struct, IColorFormula
    {
        int done = width switch
        {
            LaneWidth.Sixteen => Run<TFormula, Lanes16>(formula, 0, red, green, blue),
            LaneWidth.Eight => Run<TFormula, Lanes8>(formula, 0, red, green, blue),
            LaneWidth.Four => Run<TFormula, Lanes4>(formula, 0, red, green, blue),
            _ => 0,
        };
        Run<TFormula, Lanes1>(formula, done, red, green, blue);
    }

    internal static long SumOfLuma(LaneWidth width, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue)
    {
        long sum = 0;
        int done = width switch
        {
            LaneWidth.Sixteen => Add<Lanes16>(0, red, green, blue, ref sum),
            LaneWidth.Eight => Add<Lanes8>(0, red, green, blue, ref sum),
            LaneWidth.Four => Add<Lanes4>(0, red, green, blue, ref sum),
            _ => 0,
        };
        Add<Lanes1>(done, red, green, blue, ref sum);
        return sum;
    }

    private static int Run<TFormula, TLanes>(TFormula formula, int start, Span<byte> red, Span<byte> green, Span<byte> blue)
        where TFormula : struct, IColorFormula
        where TLanes : struct, ILanes<TLanes>
    {
        ref byte reds = ref MemoryMarshal.GetReference(red);
        ref byte greens = ref MemoryMarshal.GetReference(green);
        ref byte blues = ref MemoryMarshal.GetReference(blue);
        int i = start;
        for (; i + TLanes.Count <= red.Length; i += TLanes.Count)
        {
            TLanes r = TLanes.Load(ref reds, i);
            TLanes g = TLanes.Load(ref greens, i);
            TLanes b = TLanes.Load(ref blues, i);
            formula.Apply(ref r, ref g, ref b);
            TLanes.Store(r, ref reds, i);
            TLanes.Store(g, ref greens, i);
            TLanes.Store(b, ref blues, i);
        }
        return i;
    }

    private static int Add<TLanes>(int start, ReadOnlySpan<byte> red, ReadOnlySpan<byte> green, ReadOnlySpan<byte> blue, ref long sum)
        where TLanes : struct, ILanes<TLanes>
    {
        ref byte reds = ref MemoryMarshal.GetReference(red);
        ref byte greens = ref MemoryMarshal.GetReference(green);
        ref byte blues = ref MemoryMarshal.GetReference(blue);
        int i = start;
        // Floats hold the sums exactly: at most 255 · 1024 in a piece.
        TLanes total = TLanes.Of(0);
        for (; i + TLanes.Count <= red.Length; i += TLanes.Count)
            total += Luma.Of(TLanes.Load(ref reds, i), TLanes.Load(ref greens, i), TLanes.Load(ref blues, i));
        sum += (long)TLanes.Sum(total);
        return i;
    }
}
