using MoCo.Data;

namespace Quickstart;

/// <summary>Loads a folder of photographs: with <c>train</c> and <c>val</c> or <c>test</c> in it, with a folder for each class, or without labels.</summary>
internal static class Photographs
{
    /// <summary>With one folder of labelled images, every n-th of a class is kept for testing.</summary>
    private const int HeldOutEvery = 5;

    private static readonly string[] TestFolders = ["val", "test"];

    /// <summary>Fewer images than this make no queue worth the name.</summary>
    private const int Fewest = 64;

    /// <exception cref="UsageException">There are no images, or too few.</exception>
    public static DataSet Load(string folder, Arguments arguments)
    {
        try
        {
            (IImageSource train, IImageSource? test, IgnoredFiles ignored) = Open(folder);
            if (train.Count < Fewest)
                throw new UsageException($"{folder} has {train.Count} images to learn from; expected {Fewest} or more, better thousands.");
            Recipe recipe = Recipe.ForColor(arguments.Size ?? ImageSizes.ViewSize(train), train.Count);
            return new DataSet(train, test is null ? null : train, test, recipe, Summary(folder, train, test, recipe, ignored));
        }
        catch (Exception error) when (error is InvalidDataException or UnauthorizedAccessException or IOException)
        {
            throw new UsageException(error.Message);
        }
    }

    private static (IImageSource Train, IImageSource? Test, IgnoredFiles Ignored) Open(string folder)
    {
        string train = Path.Combine(folder, "train");
        string? test = TestFolders.Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        if (Directory.Exists(train) && test is not null)
        {
            (ImageFolder learnt, ImageFolder asked) = (new ImageFolder(train), new ImageFolder(test));
            if (learnt.Classes.Count == 0) return (learnt, null, learnt.Ignored);
            return learnt.Classes.SequenceEqual(asked.Classes)
                ? (learnt, asked, learnt.Ignored)
                : throw new UsageException($"{train} has the classes {string.Join(", ", learnt.Classes.Take(10))}, {test} has {string.Join(", ", asked.Classes.Take(10))}; expected the same folders in both.");
        }
        var all = new ImageFolder(folder);
        if (all.Classes.Count < 2) return (all, null, all.Ignored);
        (ImageSubset kept, ImageSubset heldOut) = ImageSubset.Split(all, HeldOutEvery);
        return heldOut.Count == 0 ? (all, null, all.Ignored) : (kept, heldOut, all.Ignored);
    }

    private static string Summary(string folder, IImageSource train, IImageSource? test, Recipe recipe, IgnoredFiles ignored)
    {
        string labels = test is null
            ? "no class folders, so no accuracy is measured"
            : $"{train.Classes.Count} classes, {test.Count:N0} more to test with";
        // Half a folder in a format that is not read would otherwise go unnoticed.
        string leftOut = ignored.Total > 0 ? $"; left out: {ignored}" : "";
        return $"{train.Count:N0} photographs to learn from ({labels}), from {Places.Shown(folder)}, as views of {recipe.ViewSize}×{recipe.ViewSize}{leftOut}";
    }
}
