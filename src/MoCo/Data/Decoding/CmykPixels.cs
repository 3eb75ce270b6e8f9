namespace MoCo.Data;

/// <summary>From four inks to three lights without a colour profile, as PIL does.</summary>
internal static class CmykPixels
{
    /// <summary>Converts in place; the first three quarters of the memory are the result.</summary>
    /// <param name="pixels">H×W×4 as Adobe's programs write them and everybody reads them: 255 is no ink.</param>
    internal static void ToRgb(Span<byte> pixels)
    {
        var to = 0;
        for (var from = 0; from + 3 < pixels.Length; from += 4, to += 3)
        {
            int light = pixels[from + 3];
            var (red, green, blue) = (pixels[from], pixels[from + 1], pixels[from + 2]);
            pixels[to] = (byte)(light - Share(255 - red, light));
            pixels[to + 1] = (byte)(light - Share(255 - green, light));
            pixels[to + 2] = (byte)(light - Share(255 - blue, light));
        }
    }

    /// <summary>a·b / 255, rounded.</summary>
    private static int Share(int a, int b)
    {
        var product = (a * b) + 128;
        return (product + (product >> 8)) >> 8;
    }
}
