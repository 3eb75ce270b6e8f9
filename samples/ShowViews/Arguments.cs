using System.CommandLine.Parsing;

namespace ShowViews;

/// <summary>The command line.</summary>
internal static class Arguments
{
    private static readonly string[] Recipes = ["v1", "v2", "cifar", "linear", "evaluation"];

    private static readonly Argument<string> Folder = new("folder") { Description = "images, directly or in folders of any depth" };
    private static readonly Option<string> Recipe = new("--recipe")
    {
        Description = "the paper's v1 or v2, the notebook's for CIFAR, a linear probe's, or the one that evaluation uses",
        DefaultValueFactory = _ => "v2",
    };
    private static readonly Option<int> Images = Whole("--images", "images, spread evenly over the folder", 6, 1, 100);
    private static readonly Option<int> Pairs = Whole("--pairs", "pairs of views of each", 2, 1, 8);
    private static readonly Option<int?> Size = new("--size") { Description = "width and height of a view [default: 224; 32 for cifar]" };
    private static readonly Option<long> Seed = new("--seed")
    {
        Description = "seed of the views: another one, other views",
        DefaultValueFactory = _ => 0,
    };
    private static readonly Option<string> Out = new("--out") { Description = "the PNG to write", DefaultValueFactory = _ => "views.png" };

    /// <summary>Parses and, where the command line is right, draws.</summary>
    /// <returns>0 drawn, 1 could not be, 2 wrong command line.</returns>
    public static int Run(string[] args, Func<Request, int> draw)
    {
        Recipe.AcceptOnlyFromAmong(Recipes);
        Size.Validators.Add(result => Within(result, 8, 1024));
        Folder.Validators.Add(result => Check(result, Directory.Exists, "expected a folder that exists"));
        Out.Validators.Add(result => Check(result,
            path => !Directory.Exists(path) && Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))),
            "expected the name of a file in a folder that exists"));

        RootCommand command = new("Draws a sheet of images and their views, with what was drawn for each.")
        {
            Folder, Recipe, Images, Pairs, Size, Seed, Out,
        };
        command.SetAction(parsed => draw(Read(parsed)));
        ParseResult parsed = command.Parse(args);
        if (parsed.Errors.Count == 0) return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        foreach (ParseError error in parsed.Errors) Console.Error.WriteLine($"showviews: {error.Message}");
        Console.Error.WriteLine("\n--help says what can be given.");
        return 2;
    }

    private static Request Read(ParseResult parsed)
    {
        string name = parsed.GetValue(Recipe)!;
        int size = parsed.GetValue(Size) ?? (name == "cifar" ? 32 : 224);
        AugmentationRecipe recipe = name switch
        {
            "v1" => AugmentationRecipe.V1(size),
            "v2" => AugmentationRecipe.V2(size),
            "cifar" => AugmentationRecipe.Cifar(size),
            "linear" => AugmentationRecipe.LinearTraining(size),
            _ => AugmentationRecipe.Evaluation(size),
        };
        int pairs = parsed.GetValue(Pairs);
        string[] views = name switch
        {
            "evaluation" => ["view"],
            "linear" => [.. Enumerable.Range(1, 2 * pairs).Select(i => $"view {i}")],
            _ => [.. Enumerable.Range(1, pairs).SelectMany(i => new[] { $"pair {i}, query", $"pair {i}, key" })],
        };
        return new Request(
            parsed.GetValue(Folder)!, name, recipe, parsed.GetValue(Images), views, parsed.GetValue(Seed), parsed.GetValue(Out)!);
    }

    private static Option<int> Whole(string name, string description, int otherwise, int least, int most)
    {
        Option<int> option = new(name) { Description = $"{description}, {least} to {most}", DefaultValueFactory = _ => otherwise };
        option.Validators.Add(result => Within(result, least, most));
        return option;
    }

    private static void Within(OptionResult result, int least, int most)
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, out int value) && value >= least && value <= most))
            result.AddError($"{result.Option.Name} is '{token.Value}'; expected a whole number from {least} to {most}.");
    }

    private static void Check(SymbolResult result, Func<string, bool> isRight, string expected)
    {
        if (result.Tokens is [var token] && !isRight(token.Value)) result.AddError($"'{token.Value}' can't be used; {expected}.");
    }
}

/// <summary>What shall be drawn.</summary>
/// <param name="Folder">Images, in any depth.</param>
/// <param name="RecipeName">What the sheet calls the recipe.</param>
/// <param name="Recipe">From image to view.</param>
/// <param name="Images">Rows of the sheet.</param>
/// <param name="Views">The titles of each image's views.</param>
/// <param name="Seed">The views' seed.</param>
/// <param name="Out">The PNG to write.</param>
internal sealed record Request(
    string Folder, string RecipeName, AugmentationRecipe Recipe, int Images, IReadOnlyList<string> Views, long Seed, string Out);
