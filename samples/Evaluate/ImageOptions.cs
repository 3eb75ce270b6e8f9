namespace Evaluate;

/// <summary>The options that name images and say how many of them are looked at.</summary>
/// <param name="help">What the images are for.</param>
/// <param name="least">The fewest that can be looked at.</param>
internal sealed class ImageOptions(string help, int least = 2)
{
    private readonly DataOptions data = new(help);
    private readonly Option<int?> limit = Numbers.WholeOrAuto(
        "--limit", "look at no more than n images, spread over DATA: a quick look [default: no limit]", least, int.MaxValue);

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [.. data.All, limit];

    /// <summary>What was named.</summary>
    public string[] Paths(ParseResult parsed) => data.Paths(parsed);

    /// <summary>Opens what was named, as many images as asked for, and says what was found.</summary>
    /// <exception cref="UsageException">Some of a stream are asked for, or the options do not fit each other.</exception>
    public IImageSet Open(ParseResult parsed)
    {
        IImageSet all = data.Open(parsed);
        foreach (string note in all.Notes) Screen.Say(note);
        return parsed.GetValue(limit) is int most ? DataFlags.Spread(all, most) : all;
    }
}
