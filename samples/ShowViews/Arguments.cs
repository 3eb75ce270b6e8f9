namespace ShowViews;

/// <summary>What shall be drawn.</summary>
/// <param name="Folder">Images, in any depth.</param>
/// <param name="RecipeName">What the sheet calls the recipe.</param>
/// <param name="Size">Width and height of a view.</param>
/// <param name="Images">Rows of the sheet.</param>
/// <param name="Views">What is shown of each image.</param>
internal sealed record Request(
    string Folder, string RecipeName, int Size, int Images, IReadOnlyList<AskedView> Views, long Seed, string Out,
    ImageFolderOptions Reading);

/// <summary>A view that an epoch of training draws of each image.</summary>
/// <param name="Recipe">From image to view.</param>
/// <param name="Number">Its number among the image's views.</param>
internal readonly record struct AskedView(string Title, AugmentationRecipe Recipe, int Epoch, int Number);

/// <summary>The command line.</summary>
internal static class Arguments
{
    private static readonly Argument<DirectoryInfo> Folder
        = new Argument<DirectoryInfo>("folder") { Description = "images, directly or in folders of any depth" }.AcceptExistingOnly();
    private static readonly Option<string> Recipe = new Option<string>("--recipe")
    {
        Description = "the paper's v1, v2 or v3 (of which either view has its own), the notebook's for CIFAR, a linear probe's, or "
            + "the one that evaluation uses",
    }.Or("v2");
    private static readonly Option<int> Images = Numbers.Whole("--images", "images, spread evenly over the folder, 1 to 100", 6, 1, 100);
    private static readonly Option<int> Pairs = Numbers.Whole("--pairs", "pairs of views of each, 1 to 8", 2, 1, 8);
    private static readonly Option<int?> Size
        = Numbers.WholeOrAuto("--size", "width and height of a view [default: 224; 32 for cifar]", 8, 1024);
    private static readonly Option<int> SmallViews = Numbers.Whole("--small-views", "small views beside each pair, 0 to 64", 0, 0, 64);
    private static readonly Option<int?> SmallSize
        = Numbers.WholeOrAuto("--small-size", $"width and height of a small view [default: {SmallCrops.SizeHelp}]", 8, 1024);
    private static readonly Option<(double Least, double Most)?> SmallScale = Values.Shares.Option(
        "--small-scale", $"smallest and largest part of an image that a small view shows [default: {SmallCrops.ScaleHelp}]",
        value => ((double, double)?)value);
    private static readonly Option<long> Seed = Values.Whole<long>().Option("--seed", "seed of the views: another one, other views").Or(0);
    private static readonly Option<string?> Out = OutputFile.Option("--out", "the PNG to write").Or("views.png");

    private static readonly Option<string[]?> Extensions = DataFlags.ExtensionsOption();

    public static RootCommand Command(Action<Request> draw)
    {
        Recipe.AcceptOnlyFromAmong("v1", "v2", "v3", "cifar", "linear", "evaluation");
        RootCommand command = new("Draws a sheet of images and their views, with what was drawn for each.")
        {
            Folder, Recipe, Images, Pairs, Size, SmallViews, SmallSize, SmallScale, Seed, Out, Extensions,
        };
        // Not SetWork: this program comes without torch.
        command.SetAction(parsed => draw(Read(parsed)));
        return command;
    }

    private static Request Read(ParseResult parsed)
    {
        string name = parsed.GetValue(Recipe)!;
        int size = parsed.GetValue(Size) ?? (name == "cifar" ? 32 : 224), pairs = parsed.GetValue(Pairs);
        UsageException.ThrowIf(name is "linear" or "evaluation" && parsed.GetValue(SmallViews) > 0,
            $"--small-views goes with pairs of views, and --recipe {name} has none; expected 0.");
        IEnumerable<AskedView> views = name switch
        {
            "v1" => InPairs(new(AugmentationRecipe.V1(size))),
            "v2" => InPairs(new(AugmentationRecipe.V2(size))),
            "v3" => InPairs(TwoCropRecipe.V3(size)),
            "cifar" => InPairs(new(AugmentationRecipe.Cifar(size))),
            "linear" => Enumerable.Range(0, 2 * pairs)
                .Select(i => new AskedView($"view {i + 1}", AugmentationRecipe.LinearTraining(size), i / 2, i % 2)),
            _ => [new("view", AugmentationRecipe.Evaluation(size), 0, 0)],
        };
        return new Request($"{parsed.GetRequiredValue(Folder)}", name, size, parsed.GetValue(Images), [.. views],
            parsed.GetValue(Seed), parsed.GetValue(Out)!, DataFlags.Reading(parsed.Given(Extensions), null).Folder!);

        // A pair, and the small views beside it, is what an epoch of training draws.
        IEnumerable<AskedView> InPairs(TwoCropRecipe recipe)
        {
            recipe = SmallCrops.Beside(recipe, parsed.GetValue(SmallViews), parsed.GetValue(SmallSize), parsed.GetValue(SmallScale));
            for (int pair = 0; pair < pairs; pair++)
            {
                yield return new($"pair {pair + 1}, query", recipe.Query, pair, 0);
                yield return new($"pair {pair + 1}, key", recipe.Key, pair, 1);
                for (int i = 0; i < recipe.SmallViews; i++) yield return new($"pair {pair + 1}, small {i + 1}", recipe.Small!, pair, 2 + i);
            }
        }
    }
}
