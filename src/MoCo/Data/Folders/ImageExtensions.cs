using System.Text;

namespace MoCo.Data.Folders;

/// <summary>Tells images from other files by how their names end, ASCII case ignored.</summary>
internal sealed class ImageExtensions(IEnumerable<string> extensions)
{
    private readonly string[] endings = [.. extensions.Distinct(StringComparer.Ordinal)];

    internal static IReadOnlyList<string> Default { get; } =
        Array.AsReadOnly<string>([".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp", ".gif"]);

    /// <summary>What is expected of an extension.</summary>
    internal const string Possible = "a dot and what follows it in lower case, such as .jpg";

    internal static bool IsImpossible(string? extension) =>
        extension is not ['.', _, ..] || extension.AsSpan().ContainsAny('/', '\\', '\0') || extension.Any(char.IsAsciiLetterUpper);

    internal bool Fit(ReadOnlySpan<char> name)
    {
        foreach (string ending in endings)
            if (name.Length >= ending.Length && Ascii.EqualsIgnoreCase(name[^ending.Length..], ending)) return true;

        return false;
    }

    /// <summary>The number of the one that is exactly an ending in UTF-8, dot included; −1: none is.</summary>
    internal int Find(ReadOnlySpan<byte> ending)
    {
        for (int i = 0; i < endings.Length; i++)
            if (Ascii.EqualsIgnoreCase(ending, endings[i])) return i;

        return -1;
    }

    /// <summary>Whether files of an ending, by its number, are JSON.</summary>
    internal bool IsJson(int ending) => endings[ending].EndsWith(".json", StringComparison.Ordinal);

    public override string ToString() => string.Join(", ", endings.Order(StringComparer.Ordinal));
}
