using System.Diagnostics;
using MoCo.Imaging;

namespace MoCo.Augmentation.Color;

/// <summary>The color operations that a view is waiting for, done together: one pass over the image, and one more for each contrast, which
/// must know the mean of what the operations before it leave.</summary>
/// <remarks>A pass takes the image piece by piece, each small enough for the first-level cache, through all its operations. Between two
/// passes the image lies in planes; one pass alone needs them for a piece only. The memory grows to the largest image and program and is
/// kept.</remarks>
internal sealed class ColorProgram
{
    private const int Piece = 1024;

    private readonly List<ColorOperation> operations = [];
    private byte[] planes = [];
    private byte[] curves = [];

    /// <summary>How many pixels are computed at a time; every width gives the same bytes.</summary>
    internal LaneWidth Width { get; set; } = ColorLanes.Widest;

    /// <summary>Whether tone curves are looked up instead of computed; both give the same bytes.</summary>
    internal bool LooksUp { get; set; } = ToneCurve.IsFast;

    internal void Add(ColorOperation operation) => operations.Add(operation);

    /// <summary>Forgets what is waiting.</summary>
    internal void Clear() => operations.Clear();

    /// <summary>Does what is waiting, to an image of one or three channels.</summary>
    internal void Run(ImageBuffer image)
    {
        if (operations.Count == 0) return;
        int pixels = image.Width * image.Height;
        if (image.Channels == 3 && planes.Length < 3 * Math.Max(pixels, Piece))
            planes = GC.AllocateUninitializedArray<byte>(3 * Math.Max(pixels, Piece));
        if (LooksUp && curves.Length < operations.Count * ToneCurve.Length) curves = new byte[operations.Count * ToneCurve.Length];

        (int first, int mean, bool split) = (0, 0, true);
        for (int next = 0; next < operations.Count; next++)
        {
            if (operations[next].Kind != ColorOperationKind.Contrast) continue;
            long sum = Pass(image, first, next, mean, split, join: false);
            (first, mean, split) = (next, (int)(((double)sum / pixels) + 0.5), false);
        }
        Pass(image, first, operations.Count, mean, split, join: true);
        operations.Clear();
    }

    /// <summary>Does operations of which only the first can be a contrast, its mean given.</summary>
    /// <returns>The sum of the luma of what they leave; 0 where the pixels go back into the image, since nobody asks then.</returns>
    private long Pass(ImageBuffer image, int first, int end, int mean, bool split, bool join)
    {
        if (LooksUp) DrawCurves(first, end, mean);
        Span<byte> pixels = image.Pixels;
        int count = image.Width * image.Height;
        bool color = image.Channels == 3;
        bool alone = split && join;
        int plane = alone ? Piece : count;
        long sum = 0;
        for (int start = 0; start < count; start += Piece)
        {
            int length = Math.Min(Piece, count - start);
            // A grey image is one whose three channels are the same memory.
            int place = alone ? 0 : start;
            Span<byte> red = color ? planes.AsSpan(place, length) : pixels.Slice(start, length);
            Span<byte> green = color ? planes.AsSpan(plane + place, length) : red;
            Span<byte> blue = color ? planes.AsSpan((2 * plane) + place, length) : red;
            if (color && split) Interleaving.Split(pixels.Slice(3 * start, 3 * length), red, green, blue);
            for (int i = first; i < end;) i = Apply(i, end, mean, color, red, green, blue);
            if (!join) sum += ColorLanes.SumOfLuma(Width, red, green, blue);
            else if (color) Interleaving.Join(red, green, blue, pixels.Slice(3 * start, 3 * length));
        }
        return sum;
    }

    /// <summary>The curve of each run of operations that have one, at its first operation's place: what they make of an image of all
    /// values.</summary>
    private void DrawCurves(int first, int end, int mean)
    {
        for (int i = first; i < end;)
        {
            Span<byte> curve = Curve(i);
            ToneCurve.Reset(curve);
            int last = AfterRun(i, end);
            for (int step = i; step < last; step++) Compute(operations[step], mean, curve, curve, curve);
            i = Math.Max(last, i + 1);
        }
    }

    private Span<byte> Curve(int operation) => curves.AsSpan(operation * ToneCurve.Length, ToneCurve.Length);

    private int AfterRun(int start, int end)
    {
        while (start < end && ToneCurve.Serves(operations[start].Kind)) start++;
        return start;
    }

    /// <summary>Does one operation or run of operations on a piece; returns the next to do.</summary>
    private int Apply(int i, int end, int mean, bool color, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        if (!LooksUp || !ToneCurve.Serves(operations[i].Kind))
        {
            Compute(operations[i], mean, red, green, blue);
            return i + 1;
        }
        ToneCurve.Apply(Curve(i), red);
        if (color)
        {
            ToneCurve.Apply(Curve(i), green);
            ToneCurve.Apply(Curve(i), blue);
        }
        return AfterRun(i, end);
    }

    private void Compute(ColorOperation operation, int mean, Span<byte> red, Span<byte> green, Span<byte> blue)
    {
        float factor = (float)operation.Amount;
        switch (operation.Kind)
        {
            case ColorOperationKind.Brightness:
                ColorLanes.Apply(Width, new Blend(factor, 0), red, green, blue);
                break;
            case ColorOperationKind.Contrast:
                ColorLanes.Apply(Width, new Blend(factor, mean), red, green, blue);
                break;
            case ColorOperationKind.Saturation:
                ColorLanes.Apply(Width, new Saturation(factor), red, green, blue);
                break;
            case ColorOperationKind.Hue:
                ColorLanes.Apply(Width, new HueShift(operation.HueSteps), red, green, blue);
                break;
            case ColorOperationKind.Grayscale:
                ColorLanes.Apply(Width, default(Luma), red, green, blue);
                break;
            case ColorOperationKind.Solarize:
                ColorLanes.Apply(Width, new Inversion(factor), red, green, blue);
                break;
            default:
                throw new UnreachableException();
        }
    }
}
