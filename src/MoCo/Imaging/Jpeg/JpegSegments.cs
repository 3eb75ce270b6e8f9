using MoCo.Imaging.Orientation;

namespace MoCo.Imaging.Jpeg;

/// <summary>What a JPEG's segments say beside its pixels.</summary>
/// <param name="Orientation">EXIF's, 1 … 8.</param>
/// <param name="Scans">Scans in the file; a progressive image has about ten.</param>
/// <param name="IsComplete">Whether the file goes on to its end mark after the first scan.</param>
internal readonly record struct JpegSegments(int Orientation, int Scans, bool IsComplete)
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;

    private static ReadOnlySpan<byte> ScanMark => [0xFF, StartOfScan];

    private static ReadOnlySpan<byte> EndMark => [0xFF, EndOfImage];

    private static ReadOnlySpan<byte> ExifName => "Exif\0\0"u8;

    /// <summary>Whether the content is a JPEG's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) => file is [0xFF, StartOfImage, 0xFF, ..];

    /// <summary>Walks the segments up to the first scan as libjpeg does: bytes between segments are skipped.</summary>
    internal static JpegSegments Read(ReadOnlySpan<byte> file)
    {
        int? orientation = null;
        ReadOnlySpan<byte> rest = file[2..];
        while (TryNextMarker(ref rest, out byte marker))
        {
            if (marker == EndOfImage) break;
            if (marker == StartOfScan)
                return new(orientation ?? ExifOrientation.Upright, 1 + rest.Count(ScanMark), rest.IndexOf(EndMark) >= 0);
            if (marker is 0x01 or (>= 0xD0 and <= StartOfImage)) continue;
            if (rest.Length < 2) break;
            ushort length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < 2 || length > rest.Length) break;
            ReadOnlySpan<byte> segment = rest[2..length];
            if (marker == App1 && orientation is null && segment.StartsWith(ExifName))
                orientation = ExifOrientation.Read(segment[ExifName.Length..]);
            rest = rest[length..];
        }
        return new(orientation ?? ExifOrientation.Upright, 0, false);
    }

    private static bool TryNextMarker(ref ReadOnlySpan<byte> rest, out byte marker)
    {
        while (rest.IndexOf((byte)0xFF) is >= 0 and int start)
        {
            rest = rest[start..];
            int code = rest.IndexOfAnyExcept((byte)0xFF);
            if (code < 0) break;
            marker = rest[code];
            rest = rest[(code + 1)..];
            if (marker != 0) return true;
        }
        marker = 0;
        return false;
    }
}
