using System.Text;

namespace MoCo.Data.Folder;

/// <summary>Tells images from other files by how their names end, ASCII case ignored.</summary>
internal sealed class ImageExtensions(IEnumerable<string> extensions)
{
    private readonly byte[][] endings = [.. extensions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(Encoding.UTF8.GetBytes)];

    internal static IReadOnlyList<string> Default { get; } = Array.AsReadOnly<string>([".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"]);

    internal static bool IsImpossible(string? extension) =>
        extension is not { Length: > 1 } || extension[0] != '.' || extension.AsSpan().ContainsAny('/', '\\', '\0') || extension.Any(char.IsAsciiLetterUpper);

    internal bool Fit(ReadOnlySpan<byte> name)
    {
        foreach (var ending in endings)
        {
            if (name.Length >= ending.Length && Ascii.EqualsIgnoreCase(name[^ending.Length..], ending))
                return true;
        }

        return false;
    }

    /// <summary>Whether an ending, dot included, is exactly one of these.</summary>
    internal bool FitWhole(ReadOnlySpan<byte> ending)
    {
        foreach (var known in endings)
        {
            if (Ascii.EqualsIgnoreCase(ending, known))
                return true;
        }

        return false;
    }

    public override string ToString() => string.Join(", ", endings.Select(ending => Encoding.UTF8.GetString(ending)));
}
