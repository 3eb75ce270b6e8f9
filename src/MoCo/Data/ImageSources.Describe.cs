namespace MoCo.Data;

/// <content>What a source says of itself, in one text.</content>
public static partial class ImageSources
{
    private const int Shown = 10;

    /// <summary>Describes a source: its name, how many images and classes it has, what else it notes, and the first errors met so
    /// far.</summary>
    /// <param name="set">The source.</param>
    /// <returns>Several lines, without a line break at the end.</returns>
    public static string Describe(this IImageSet set)
    {
        ArgumentNullException.ThrowIfNull(set);
        List<string> lines = [$"{set.Name}: {Images(set)} of {(set.Channels == 1 ? "1 channel (grey)" : $"{set.Channels} channels")}"];
        lines.Add(set.Classes.Count == 0 ? "no classes" : $"{Counted.Of(set.Classes.Count, "class", "classes")}: {List(set.Classes)}");
        lines.AddRange(set.Notes);
        int errors = set.Errors.Count;
        if (errors > 0)
        {
            lines.Add($"{Number(errors)} could not be read:");
            lines.AddRange(set.Errors.First.Take(Shown).Select(error => $"  {error}"));
            if (errors > Shown) lines.Add($"  and {Number(errors - Shown)} more");
        }
        return string.Join('\n', lines);
    }

    private static string Images(IImageSet set) => set switch
    {
        IImageSource source => Counted.Of(source.Count, "image"),
        IImageStream stream => $"{Counted.Of(stream.Count, "image")} an epoch",
        _ => "images",
    };

    private static string List(IReadOnlyList<string> names) =>
        string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {Number(names.Count - Shown)} more" : "");

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
