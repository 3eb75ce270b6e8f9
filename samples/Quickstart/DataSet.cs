using MoCo.Data;

namespace Quickstart;

/// <summary>What a run learns from and is measured with.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Bank">Labelled images that vote; null where there are no labels to measure with.</param>
/// <param name="Queries">Labelled images that were not learnt from, to vote on; null with <paramref name="Bank"/>.</param>
/// <param name="Recipe">What is trained on them, and how.</param>
/// <param name="Summary">What was found, in a line.</param>
internal sealed record DataSet(IImageSource Train, IImageSource? Bank, IImageSource? Queries, Recipe Recipe, string Summary)
{
    /// <summary>Finds and loads what a folder holds: the files of the MNIST family, or photographs.</summary>
    /// <param name="arguments">The folder asked for, if any, and the size of a view, if any.</param>
    /// <exception cref="UsageException">Nothing usable is there; the message says what to do.</exception>
    public static DataSet Load(Arguments arguments)
    {
        string folder = arguments.Folder ?? (Directory.Exists(Places.DebianDataFolder) ? Places.DebianDataFolder : Places.OwnDataFolder);
        return arguments.Folder is null || !Directory.Exists(folder) || GreyImages.AreIn(folder)
            ? GreyImages.Load(folder, arguments)
            : Photographs.Load(folder, arguments);
    }

    /// <summary>The measurement of features that the labels allow; null: none.</summary>
    public Measurement? Measurement(CancellationToken stop) =>
        Bank is null || Queries is null ? null : new Measurement(Bank, Queries, Recipe, stop);
}
