namespace MoCo.Reporting;

/// <summary>Tells PNG from JPEG by a file's first bytes.</summary>
internal static class ImageType
{
    /// <exception cref="ArgumentException">The bytes are neither.</exception>
    public static string Of(ReadOnlySpan<byte> encoded, string owner)
    {
        if (encoded.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G'])) return "image/png";
        if (encoded.StartsWith((ReadOnlySpan<byte>)[0xff, 0xd8, 0xff])) return "image/jpeg";
        string first = Convert.ToHexString(encoded[..Math.Min(8, encoded.Length)]);
        throw new ArgumentException($"The bytes of {owner} are neither a PNG nor a JPEG file; the first are {first}.");
    }
}
