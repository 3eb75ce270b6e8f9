using MoCo.Contrast.Negatives;
using MoCo.Distributed;

namespace Pretrain;

/// <summary>What a run learns from, and what it can be measured with on the way.</summary>
/// <param name="Train">The images to learn from.</param>
/// <param name="Bank">Labelled images that vote; null where there is nothing to measure with.</param>
/// <param name="Queries">Labelled images that were not learnt from; null with <paramref name="Bank"/>.</param>
/// <param name="Views">From image to views.</param>
/// <param name="Measured">Where the images to measure with come from, or why there are none.</param>
internal sealed record DataSet(IImageSet Train, IImageSource? Bank, IImageSource? Queries, TwoCropRecipe Views, string Measured)
{
    /// <summary>Whether the queries are held out of what there is to learn from.</summary>
    public bool HoldsOut { get; private init; }

    public long Count => DataFlags.Count(Train);

    /// <summary>Opens what a plan names.</summary>
    /// <exception cref="UsageException">It can't be read, or does not fit the plan.</exception>
    public static DataSet Open(Plan plan)
    {
        try
        {
            IImageSet all = ImageSources.Open(Values.Lines(plan.Data!), options: Reading(plan));
            IImageSet train = DataFlags.Share(all, plan.Fraction, plan.FractionSeed);
            CheckExclusion(plan.Options.Queue.LeaveOut, train);
            (IImageSet kept, IImageSource? bank, IImageSource? queries, string measured) = Monitored(plan, train);
            return new DataSet(kept, bank, queries, ViewRecipe.For(plan, train), measured) { HoldsOut = kept != train };
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException(CommandRun.Plain(error));
        }
    }

    /// <summary>What was found, a line each.</summary>
    /// <param name="place">Where, as users call it.</param>
    public IEnumerable<string> Found(string place) =>
        [$"{Count:N0} images to learn from, from {place}, as views of {Views.Query.OutputSize}×{Views.Query.OutputSize}"
            + (Views.Small is { OutputSize: int small } ? $" and {Counted.Of(Views.SmallViews, "small one")} of {small}×{small}" : "")
            + $"; {Measured}.",
            .. Train.Notes];

    /// <exception cref="UsageException">The options have errors, or leave a batch that can't be trained on.</exception>
    public TwoCropLoader Loader(Plan plan, Device device, ProcessGroup? group = null)
    {
        MoCoOptions options = plan.Options;
        LoaderOptions loading = options.Loader(group) with
        {
            Workers = plan.Workers,
            PrefetchBatches = plan.Prefetch,
            MaximumErrorShare = plan.MaximumErrorShare,
            DecodeSmaller = plan.DecodeSmaller,
        };
        TwoCropLoader? loader = null;
        try
        {
            loader = new TwoCropLoader(Train, Views, loading, device);
            options.CheckBatches(loader);
            return loader;
        }
        catch (ArgumentException error)
        {
            loader?.Dispose();
            throw new UsageException(Settings.InFlags(CommandRun.Plain(error)));
        }
    }

    /// <summary>How what a plan names is read.</summary>
    public static SourceOptions Reading(Plan plan) => DataFlags.Reading(plan.Extensions, plan.LabelExtensions) with
    {
        Labels = plan.Labels,
        LabelColumn = plan.LabelColumn,
    };

    /// <summary>Keys can be left out only by what is known of images.</summary>
    private static void CheckExclusion(KeyExclusion leaveOut, IImageSet train)
    {
        if (leaveOut == KeyExclusion.OwnClass && train is IImageSource && train.Classes.Count == 0)
            throw new UsageException($"--leave-out is ownclass, and {train.Name} has no labels; expected ownimage or none.");
        if (leaveOut == KeyExclusion.OwnImage && train is IImageStream)
            throw new UsageException($"--leave-out is ownimage, and {train.Name} is a stream, whose images have other places in every "
                + "epoch; expected none or, where there are labels, ownclass.");
    }

    private static (IImageSet Train, IImageSource? Bank, IImageSource? Queries, string Measured) Monitored(Plan plan, IImageSet train)
    {
        if (plan.KnnEvery == 0) return (train, null, null, "no accuracy is measured (--knn-every 0)");
        if (train is not IImageSource source)
            return (train, null, null, "no accuracy is measured, since a stream can't be read by number");
        if (source.Classes.Count < 2) return (train, null, null, "no accuracy is measured, since there are no labels");
        string? paths = plan.Test ?? (ImageSources.HasSplits(Values.Lines(plan.Data!)) ? plan.Data : null);
        if (paths is not null)
        {
            if (DataFlags.OpenTest(Values.Lines(paths), train, Reading(plan)) is not IImageSource test)
                throw new UsageException($"--test names a stream, {paths}; expected images that can be read by number.");
            if (!test.Classes.SequenceEqual(source.Classes))
                throw new UsageException($"{source.Name} has the classes {Named(source)}, {test.Name} {Named(test)}; expected the same.");
            return (source, source, test, $"kNN accuracy is measured on {Counted.Of(test.Count, "image")} of {test.Name}");
        }
        if (plan.HoldOut == 0) return (train, null, null, "no accuracy is measured (--hold-out 0, and no --test)");
        (IImageSource kept, IImageSource heldOut) = source.Split(plan.HoldOut);
        return heldOut.Count == 0
            ? (train, null, null, $"no accuracy is measured, since no class has {plan.HoldOut} images")
            : (kept, kept, heldOut, $"{Counted.Of(heldOut.Count, "more is", "more are")} held out to measure kNN accuracy");
    }

    private static string Named(IImageSource source) => source.Classes.Count switch
    {
        0 => "none",
        > 8 and int count => $"{string.Join(", ", source.Classes.Take(8))} and {count - 8} more",
        _ => string.Join(", ", source.Classes),
    };
}
