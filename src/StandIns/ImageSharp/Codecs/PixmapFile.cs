using System.Buffers.Binary;

namespace SixLabors.ImageSharp.Codecs;

/// <summary>A binary PGM (P5) or PPM (P6), of 8 or 16 bits.</summary>
internal sealed class PixmapFile
{
    private const int LargestSample = 65_535;

    private readonly int channels;
    private readonly int most;
    private readonly int offset;

    private PixmapFile(ReadOnlySpan<byte> file)
    {
        channels = file[1] == '6' ? 3 : 1;
        var at = 2;
        var width = Number(file, ref at);
        Size = new Size(width, Number(file, ref at));
        most = Number(file, ref at);
        // A single white space goes before the pixels.
        offset = at + 1;
        if (most > LargestSample) throw Damaged($"samples up to {most}");
        if ((long)Size.Width * Size.Height * 3 > Array.MaxLength) throw Damaged($"a picture of {Size.Width}×{Size.Height} pixels is too large");
    }

    internal Size Size { get; }

    internal static PixmapFile Parse(ReadOnlySpan<byte> file) => new(file);

    internal void Decode(ReadOnlySpan<byte> file, Span<byte> rgb)
    {
        var wide = most > byte.MaxValue;
        if (file.Length - (long)offset < (long)Size.Width * Size.Height * channels * (wide ? 2 : 1)) throw Damaged("the file is truncated");
        var samples = file[offset..];
        for (var i = 0; i < rgb.Length; i++)
        {
            var sample = channels == 3 ? i : i / 3;
            var value = Math.Min(most, wide ? BinaryPrimitives.ReadUInt16BigEndian(samples[(2 * sample)..]) : samples[sample]);
            rgb[i] = (byte)(((value * byte.MaxValue) + (most / 2)) / most);
        }
    }

    /// <summary>The next number of the header, above 0; white space and comments go before it.</summary>
    private static int Number(ReadOnlySpan<byte> file, ref int at)
    {
        for (; at < file.Length && (file[at] is (byte)'#' or (byte)' ' or (>= (byte)'\t' and <= (byte)'\r')); at++)
        {
            if (file[at] != '#') continue;
            var end = file[at..].IndexOf((byte)'\n');
            if (end < 0) throw Damaged("the file is truncated");
            at += end;
        }

        var value = 0;
        for (; at < file.Length && file[at] is >= (byte)'0' and <= (byte)'9'; at++)
        {
            if (value > int.MaxValue / 20) throw Damaged("a number in its header is too large");
            value = (value * 10) + file[at] - '0';
        }

        return value > 0 ? value : throw Damaged("its header is none");
    }

    private static InvalidImageContentException Damaged(string what) => new($"Pixmap: {what}");
}
