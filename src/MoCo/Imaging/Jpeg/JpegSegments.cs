using MoCo.Imaging.Orientation;

namespace MoCo.Imaging.Jpeg;

/// <summary>What a JPEG's segments say beside its pixels.</summary>
/// <param name="Orientation">EXIF's, 1 … 8.</param>
/// <param name="Scans">Scans up to the end mark; a progressive image has about ten.</param>
/// <param name="IsComplete">Whether an end mark follows the scans.</param>
/// <param name="Length">Bytes up to the end mark: a phone's film or a second image may follow.</param>
internal readonly record struct JpegSegments(int Orientation, int Scans, bool IsComplete, int Length)
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;

    private static ReadOnlySpan<byte> ExifName => "Exif\0\0"u8;

    /// <summary>Whether the content is a JPEG's.</summary>
    internal static bool AreIn(ReadOnlySpan<byte> file) => file is [0xFF, StartOfImage, 0xFF, ..];

    /// <summary>Walks the segments as libjpeg does: bytes between segments, of which a scan's pixels are, are skipped.</summary>
    internal static JpegSegments Read(ReadOnlySpan<byte> file)
    {
        (int? orientation, int scans, bool isComplete) = (null, 0, false);
        ReadOnlySpan<byte> rest = file[2..];
        while (!isComplete && TryNextMarker(ref rest, out byte marker))
        {
            isComplete = marker == EndOfImage;
            if (marker is 0x01 or (>= 0xD0 and <= EndOfImage)) continue;
            if (rest.Length < 2) break;
            ushort length = BinaryPrimitives.ReadUInt16BigEndian(rest);
            if (length < 2 || length > rest.Length) break;
            ReadOnlySpan<byte> segment = rest[2..length];
            if (marker == App1 && orientation is null && scans == 0 && segment.StartsWith(ExifName))
                orientation = ExifOrientation.Read(segment[ExifName.Length..]);
            scans += marker == StartOfScan ? 1 : 0;
            rest = rest[length..];
        }
        return new(orientation ?? ExifOrientation.Upright, scans, isComplete, file.Length - rest.Length);
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
        rest = [];
        return false;
    }
}
