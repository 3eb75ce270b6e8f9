namespace MoCo.Imaging.Formats;

/// <summary>Decodes PBM, PGM and PPM (P1 … P6).</summary>
/// <remarks>Own code, because ImageSharp 2.1 makes a quarter of the brightness of 16-bit samples and fills up truncated files.</remarks>
internal static class PnmDecoder
{
    private const byte Comment = (byte)'#';

    /// <summary>Whether the content is a PNM's.</summary>
    internal static bool IsIn(ReadOnlySpan<byte> file) =>
        file.Length > 2 && file[0] == 'P' && file[1] is >= (byte)'1' and <= (byte)'6' && (IsSpace(file[2]) || file[2] == Comment);

    internal static void Decode(ReadOnlySpan<byte> file, PixelLimit limit, ImageBuffer into)
    {
        int kind = file[1] - '0';
        ReadOnlySpan<byte> rest = file[2..];
        (int width, int height) = (Number(ref rest), Number(ref rest));
        int maximum = kind is 1 or 4 ? 1 : Number(ref rest);
        if (width < 1 || height < 1 || maximum is < 1 or > ushort.MaxValue)
            throw new InvalidDataException($"The PNM's header is damaged: {width}×{height} pixels of levels up to {maximum}.");
        limit.Check(width, height);
        int channels = kind is 3 or 6 ? 3 : 1;
        long samples = (long)width * height * channels;
        if (kind >= 4)
        {
            // One space ends the header.
            rest = rest.IsEmpty ? rest : rest[1..];
            long bytes = kind == 4 ? (width + 7L) / 8 * height : maximum > byte.MaxValue ? samples * 2 : samples;
            if (rest.Length < bytes) throw Truncated();
        }
        else if (rest.Length < samples) throw Truncated();
        into.Resize(width, height, 3);
        for (int y = 0; y < height; y++)
        {
            Span<byte> row = into.Row(y);
            for (int x = 0; x < width * channels; x++)
            {
                int level = kind switch
                {
                    1 => 1 - Bit(ref rest),
                    4 => 1 - ((rest[(int)(((width + 7L) / 8 * y) + (x / 8))] >> (7 - (x % 8))) & 1),
                    2 or 3 => Level(ref rest, maximum),
                    _ => Next(ref rest, maximum),
                };
                byte value = Scale(level, maximum);
                if (channels == 3) row[x] = value;
                else row.Slice(3 * x, 3).Fill(value);
            }
        }
    }

    private static byte Scale(int level, int maximum) =>
        maximum == byte.MaxValue ? (byte)Math.Min(level, byte.MaxValue)
        : (byte)Math.Min(byte.MaxValue, Math.Round((double)level / maximum * byte.MaxValue));

    /// <summary>A binary sample, of two bytes (the higher first) where one does not suffice.</summary>
    private static int Next(ref ReadOnlySpan<byte> rest, int maximum)
    {
        bool wide = maximum > byte.MaxValue;
        int value = wide ? (rest[0] << 8) | rest[1] : rest[0];
        rest = rest[(wide ? 2 : 1)..];
        return value;
    }

    /// <summary>A digit of a P1, which needs no space around it.</summary>
    private static int Bit(ref ReadOnlySpan<byte> rest)
    {
        SkipSpace(ref rest);
        byte digit = rest.IsEmpty ? throw Truncated() : rest[0];
        rest = rest[1..];
        return digit is (byte)'0' or (byte)'1' ? digit - '0'
            : throw new InvalidDataException("The PBM is damaged: it has digits other than 0 and 1.");
    }

    private static int Level(ref ReadOnlySpan<byte> rest, int maximum) => Number(ref rest) is int level && level <= maximum ? level
        : throw new InvalidDataException($"The PNM is damaged: it has a sample of {level}, above its maximum of {maximum}.");

    private static int Number(ref ReadOnlySpan<byte> rest)
    {
        SkipSpace(ref rest);
        if (rest.IsEmpty) throw Truncated();
        int digits = rest.IndexOfAnyExceptInRange((byte)'0', (byte)'9') is >= 0 and int end ? end : rest.Length;
        bool isEnded = digits == rest.Length || IsSpace(rest[digits]) || rest[digits] == Comment;
        if (!isEnded || !int.TryParse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            throw new InvalidDataException("The PNM is damaged: it has something else where a number is expected.");
        rest = rest[digits..];
        return number;
    }

    private static void SkipSpace(ref ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty && (IsSpace(rest[0]) || rest[0] == Comment))
        {
            int next = rest[0] == Comment ? rest.IndexOfAny((byte)'\n', (byte)'\r') : 1;
            rest = next < 0 ? [] : rest[next..];
        }
    }

    private static bool IsSpace(byte value) => value is (byte)' ' or (>= 9 and <= 13);

    private static InvalidDataException Truncated() => new("The PNM is truncated: it lacks a part of its pixels.");
}
