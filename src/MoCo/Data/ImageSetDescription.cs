using System.Globalization;

namespace MoCo.Data;

/// <summary>What a source says of itself, in one text.</summary>
public static class ImageSetDescription
{
    private const int Shown = 10;

    /// <summary>Describes a source: its name, how many pictures and classes it has, what else it notes, and the first faults met so far.</summary>
    /// <param name="set">The source.</param>
    /// <returns>Several lines, without a line break at the end.</returns>
    public static string Describe(this IImageSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        List<string> lines = [$"{set.Name}: {Pictures(set)} of {(set.Channels == 1 ? "1 channel (grey)" : $"{set.Channels} channels")}"];
        lines.Add(set.Classes.Count == 0 ? "no classes" : $"{Number(set.Classes.Count)} classes: {List(set.Classes)}");
        lines.AddRange(set.Notes);
        var faults = set.Faults.Count;
        if (faults > 0)
        {
            lines.Add($"{Number(faults)} could not be read:");
            lines.AddRange(set.Faults.First.Take(Shown).Select(fault => $"  {fault}"));
            if (faults > Shown)
                lines.Add($"  and {Number(faults - Shown)} more");
        }

        return string.Join('\n', lines);
    }

    private static string Pictures(IImageSet set) => set switch
    {
        IImageSource source => $"{Number(source.Count)} pictures",
        IImageStream stream => $"{Number(stream.Count)} pictures an epoch",
        _ => "pictures",
    };

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {Number(names.Count - Shown)} more" : "");

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
