namespace ShowViews;

/// <summary>What shall be drawn.</summary>
/// <param name="Folder">Images, in any depth.</param>
/// <param name="RecipeName">What the sheet calls the recipe.</param>
/// <param name="Recipe">From image to view.</param>
/// <param name="Images">Rows of the sheet.</param>
/// <param name="Views">The titles of each image's views.</param>
internal sealed record Request(
    string Folder, string RecipeName, AugmentationRecipe Recipe, int Images, IReadOnlyList<string> Views, long Seed, string Out,
    ImageFolderOptions Reading);

/// <summary>The command line.</summary>
internal static class Arguments
{
    private static readonly Argument<DirectoryInfo> Folder
        = new Argument<DirectoryInfo>("folder") { Description = "images, directly or in folders of any depth" }.AcceptExistingOnly();
    private static readonly Option<string> Recipe = new Option<string>("--recipe")
    {
        Description = "the paper's v1 or v2, the notebook's for CIFAR, a linear probe's, or the one that evaluation uses",
    }.Or("v2");
    private static readonly Option<int> Images = Numbers.Whole("--images", "images, spread evenly over the folder, 1 to 100", 6, 1, 100);
    private static readonly Option<int> Pairs = Numbers.Whole("--pairs", "pairs of views of each, 1 to 8", 2, 1, 8);
    private static readonly Option<int?> Size
        = Numbers.WholeOrAuto("--size", "width and height of a view [default: 224; 32 for cifar]", 8, 1024);
    private static readonly Option<long> Seed = Values.Whole<long>().Option("--seed", "seed of the views: another one, other views").Or(0);
    private static readonly Option<string?> Out = OutputFile.Option("--out", "the PNG to write").Or("views.png");

    private static readonly Option<string[]?> Extensions = DataFlags.ExtensionsOption();

    public static RootCommand Command(Action<Request> draw)
    {
        Recipe.AcceptOnlyFromAmong("v1", "v2", "cifar", "linear", "evaluation");
        RootCommand command = new("Draws a sheet of images and their views, with what was drawn for each.")
        {
            Folder, Recipe, Images, Pairs, Size, Seed, Out, Extensions,
        };
        // Not SetWork: this program comes without torch.
        command.SetAction(parsed => draw(Read(parsed)));
        return command;
    }

    private static Request Read(ParseResult parsed)
    {
        string name = parsed.GetValue(Recipe)!;
        int size = parsed.GetValue(Size) ?? (name == "cifar" ? 32 : 224), pairs = parsed.GetValue(Pairs);
        (AugmentationRecipe recipe, IEnumerable<string> views) = name switch
        {
            "v1" => (AugmentationRecipe.V1(size), InPairs()),
            "v2" => (AugmentationRecipe.V2(size), InPairs()),
            "cifar" => (AugmentationRecipe.Cifar(size), InPairs()),
            "linear" => (AugmentationRecipe.LinearTraining(size), Enumerable.Range(1, 2 * pairs).Select(i => $"view {i}")),
            _ => (AugmentationRecipe.Evaluation(size), ["view"]),
        };
        return new Request($"{parsed.GetRequiredValue(Folder)}", name, recipe, parsed.GetValue(Images), [.. views],
            parsed.GetValue(Seed), parsed.GetValue(Out)!, DataFlags.Reading(parsed.Given(Extensions), null).Folder!);

        IEnumerable<string> InPairs() => Enumerable.Range(1, pairs).SelectMany(i => new[] { $"pair {i}, query", $"pair {i}, key" });
    }
}
