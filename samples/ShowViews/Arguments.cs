namespace ShowViews;

/// <summary>What shall be drawn.</summary>
/// <param name="Source">The images.</param>
/// <param name="Place">The folder that they or their files lie in.</param>
/// <param name="Recipe">What the sheet calls the recipe, or both.</param>
/// <param name="Size">Width and height of a view.</param>
/// <param name="Images">Rows of the sheet.</param>
/// <param name="Views">What is shown of each image.</param>
internal sealed record Request(
    IImageSource Source, string Place, string Recipe, int Size, int Images, IReadOnlyList<AskedView> Views, long Seed, string Out);

/// <summary>A view that an epoch of training draws of each image.</summary>
/// <param name="Recipe">From image to view.</param>
/// <param name="Number">Its number among the image's views.</param>
internal readonly record struct AskedView(string Title, AugmentationRecipe Recipe, int Epoch, int Number);

/// <summary>The command line.</summary>
internal static class Arguments
{
    private const string Linear = "linear", Evaluation = "evaluation";

    private static readonly Argument<string> Data = new("data")
    {
        Description = "images as pretrain takes them, but no shards: a folder, a list (.csv), an archive (.zip), or files of the MNIST "
            + "family or CIFAR",
    };
    private static readonly Option<string> Preset = Values.OneOf([.. Plan.Presets, Linear, Evaluation]).Option("--preset",
        "the views of pretrain's preset; linear: a linear probe's, evaluation: the one that evaluation uses").Or(Plan.UsualPreset);
    private static readonly Option<int> Images = Numbers.Whole("--images", "images, spread evenly over all, 1 to 100", 6, 1, 100);
    private static readonly Option<int> Pairs = Numbers.Whole("--pairs", "pairs of views of each, 1 to 8", 2, 1, 8);
    private static readonly Option<string?> Out = OutputFile.Option("--out", "the PNG to write").Or("views.png");

    /// <summary>Pretrain's flags, which mean the same here.</summary>
    private static readonly Setting[] Shared = [.. Settings.Groups.Single(group => group.Title == "Views").Settings,
        .. Settings.All.Where(setting => setting.Name is "seed" or "labels" or "extensions" or "label-column")];

    public static RootCommand Command(Action<Request> draw)
    {
        Preset.Aliases.Add("--recipe");
        Shared.Single(setting => setting.Name == "view-size").Option.Aliases.Add("--size");
        RootCommand command = new("""
            Draws a sheet of images and the views that pretrain would make of them with the same flags, with what was drawn for each.

              showviews ~/photos --key-views v3 --small-views 4
              showviews /usr/share/datasets/fashion-mnist --views v3

            Exit codes: 0 done, 1 failed, 2 wrong command line or input.
            """) { Data, Preset, Images, Pairs, Out };
        foreach (Setting setting in Shared) command.Add(setting.Option);
        // Not SetWork: this program comes without torch.
        command.SetAction(parsed => draw(Read(parsed)));
        return command;
    }

    private static Request Read(ParseResult parsed)
    {
        string path = parsed.GetRequiredValue(Data), preset = parsed.GetRequiredValue(Preset);
        int pairs = parsed.GetValue(Pairs);
        Setting[] given = [.. Shared.Where(setting => setting.IsIn(parsed))];
        bool single = preset is Linear or Evaluation;
        Setting? idle = given.FirstOrDefault(setting => Settings.Groups[1].Settings.Contains(setting) && setting.Name != "view-size");
        UsageException.ThrowIf(single && idle is not null,
            $"{idle?.Option.Name} goes with pairs of views, and --preset {preset} has none; expected it without.");
        Plan plan = Settings.Apply(given.Select(setting => (setting, parsed)), Plan.For(single ? Plan.UsualPreset : preset));
        plan.CheckSmallViews();
        IImageSource images = ImageSources.Open(path, options: DataSet.Reading(plan)) as IImageSource
            ?? throw new UsageException($"{path} is a stream, of which no images can be chosen; expected other data.");
        TwoCropRecipe both = ViewRecipe.For(plan, images);
        int size = both.Query.OutputSize;
        Normalize? grey = images.Channels == 1 ? Normalize.HalfRange : null;
        (string recipe, IEnumerable<AskedView> views) = preset switch
        {
            Linear => (Linear, Enumerable.Range(0, 2 * pairs)
                .Select(i => new AskedView($"view {i + 1}", AugmentationRecipe.LinearTraining(size, grey), i / 2, i % 2))),
            Evaluation => (Evaluation, [new("view", AugmentationRecipe.Evaluation(size), 0, 0)]),
            _ => InPairs(both, ViewRecipe.Kind(plan, images), plan.KeyViews, pairs),
        };
        string place = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path))!;
        return new Request(images, place, recipe, size, parsed.GetValue(Images), [.. views], plan.Options.Seed, parsed.GetValue(Out)!);
    }

    /// <summary>What epochs of training draw: a pair each, and the small views beside it.</summary>
    private static (string Recipe, IEnumerable<AskedView> Views) InPairs(TwoCropRecipe both, ViewKind query, ViewKind? key, int pairs)
    {
        string small = both.Small is { OutputSize: int side } ? $", {Counted.Of(both.SmallViews, "small view")} of {side}×{side}" : "";
        (string first, string second) = (Values.Text(query), Values.Text(key ?? query));
        bool differ = first != second || query == ViewKind.V3;
        if (query == ViewKind.V3) first = "v3's first view";
        if ((key ?? query) == ViewKind.V3) second = "v3's second view";
        return ((differ ? $"{first} for queries, {second} for keys" : first) + small, Views());

        IEnumerable<AskedView> Views()
        {
            for (int pair = 0; pair < pairs; pair++)
            {
                yield return new(Title(pair, "query", first), both.Query, pair, 0);
                yield return new(Title(pair, "key", second), both.Key, pair, 1);
                for (int i = 0; i < both.SmallViews; i++) yield return new($"pair {pair + 1}, small {i + 1}", both.Small!, pair, 2 + i);
            }
        }

        string Title(int pair, string role, string recipe) => $"pair {pair + 1}, {role}{(differ ? $": {recipe}" : "")}";
    }
}
