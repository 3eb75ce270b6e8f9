using System.Text;

namespace MoCo.Data.Folders;

/// <summary>Tells images from other files by how their names end, ASCII case ignored.</summary>
internal sealed class ImageExtensions(IEnumerable<string> extensions)
{
    private readonly string[] endings = [.. extensions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    internal static IReadOnlyList<string> Default { get; } =
        Array.AsReadOnly<string>([".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"]);

    internal static bool IsImpossible(string? extension) =>
        extension is not ['.', _, ..] || extension.AsSpan().ContainsAny('/', '\\', '\0') || extension.Any(char.IsAsciiLetterUpper);

    internal bool Fit(ReadOnlySpan<char> name)
    {
        foreach (string ending in endings)
            if (name.Length >= ending.Length && Ascii.EqualsIgnoreCase(name[^ending.Length..], ending)) return true;

        return false;
    }

    /// <summary>Whether an ending in UTF-8, dot included, is exactly one of these.</summary>
    internal bool FitWhole(ReadOnlySpan<byte> ending)
    {
        foreach (string known in endings)
            if (Ascii.EqualsIgnoreCase(ending, known)) return true;

        return false;
    }

    public override string ToString() => string.Join(", ", endings);
}
