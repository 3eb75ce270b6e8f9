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

    internal void Resize(ImageBuffer source, Rectangle box, ImageBuffer target, int width, int height)
    {
        int channels = source.Channels;
        target.Resize(width, height, channels);
        rows.Compute(box.Height, height);
        columns.Prepare(box.Width, width);
        Grow(ref blended, (box.Width * channels) + RowResize.Margin);
        Grow(ref last, RowResize.Room(width, channels));

        nint stride = (nint)source.Width * channels;
        int length = width * channels;
        fixed (byte* pixels = source.Pixels, result = target.Pixels, row = blended, end = last)
        {
            byte* corner = pixels + (box.Top * stride) + (box.Left * channels);
            byte* into = result;
            for (int y = 0; y < height; y++, into += length)
            {
                bool narrow = box.Width == width;
                Span<int> weights = rows.Values.AsSpan(y * rows.Taps, rows.Counts[y]);
                RowBlend.Blend(corner + (rows.Starts[y] * stride), stride, weights, narrow ? into : row, box.Width * channels);
                if (narrow) continue;
                // Groups of pixels may write past their row: over the next one, which comes later, but not over the end.
                bool inside = result + ((long)length * height) - into >= RowResize.Room(width, channels);
                columns.Resize(row, inside ? into : end, channels);
                if (!inside) Unsafe.CopyBlock(into, end, (uint)length);
            }
        }
    }

    private static void Grow(ref byte[] memory, int length)
    {
        if (memory.Length < length) memory = GC.AllocateUninitializedArray<byte>(length);
    }
}
