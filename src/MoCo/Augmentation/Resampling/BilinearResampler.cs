using System.Drawing;
using System.Runtime.CompilerServices;
using MoCo.Imaging;

namespace MoCo.Augmentation.Resampling;

/// <summary>Cuts a rectangle out of an image and resizes it with PIL's antialiased bilinear filter, rounded to 8 bits after each of its two
/// passes.</summary>
/// <remarks>Row by row of the result: the rows it sees are blended into one, which stays in the cache and is resized at once. PIL resizes
/// all rows first and blends then; the two differ by rounding only, a level at most.</remarks>
internal sealed unsafe class BilinearResampler
{
    private readonly ResampleWeights rows = new(RowBlend.FractionBits);
    private readonly RowResize columns = new();
    private byte[] blended = [];
    private byte[] last = [];

    /// <param name="source">The image, which may have been decoded smaller than it is.</param>
    /// <param name="box">The rectangle, in pixels of the full image.</param>
    /// <param name="target">Receives the result.</param>
    /// <param name="width">The result's columns.</param>
    /// <param name="height">The result's rows.</param>
    internal void Resize(ImageBuffer source, Rectangle box, ImageBuffer target, int width, int height)
    {
        int channels = source.Channels;
        target.Resize(width, height, channels);
        ResampleSpan across = ResampleSpan.Of(box.Left, box.Width, source.Width, source.FullWidth);
        ResampleSpan down = ResampleSpan.Of(box.Top, box.Height, source.Height, source.FullHeight);
        rows.Compute(down, height);
        columns.Prepare(across, width);
        Grow(ref blended, (across.Pixels * channels) + RowResize.Margin);
        Grow(ref last, RowResize.Room(width, channels));

        nint stride = (nint)source.Width * channels;
        int length = width * channels;
        fixed (byte* pixels = source.Pixels, result = target.Pixels, row = blended, end = last)
        {
            byte* corner = pixels + (down.First * stride) + (across.First * channels);
            byte* into = result;
            for (int y = 0; y < height; y++, into += length)
            {
                bool narrow = across.Is(width);
                Span<int> weights = rows.Values.AsSpan(y * rows.Taps, rows.Counts[y]);
                RowBlend.Blend(corner + (rows.Starts[y] * stride), stride, weights, narrow ? into : row, across.Pixels * channels);
                if (narrow) continue;
                // Groups of pixels may write past their row: over the next one, which comes later, but not over the end.
                bool inside = result + ((long)length * height) - into >= RowResize.Room(width, channels);
                columns.Resize(row, inside ? into : end, channels);
                if (!inside) Unsafe.CopyBlock(into, end, (uint)length);
            }
        }
    }

    /// <summary>The largest factor of 1, 2, 4 and 8 by which a side may be made smaller and still have twice a result's pixels.</summary>
    internal static int Reduction(int side, int result)
    {
        int factor = 1;
        while (factor < 8 && side >= 4L * factor * result) factor *= 2;
        return factor;
    }

    private static void Grow(ref byte[] memory, int length)
    {
        if (memory.Length < length) memory = GC.AllocateUninitializedArray<byte>(length);
    }
}
