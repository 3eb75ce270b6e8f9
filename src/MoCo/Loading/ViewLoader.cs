using Microsoft.Extensions.Logging;
using MoCo.Augmentation;
using MoCo.Data;
using MoCo.Loading.Pipeline;

namespace MoCo.Loading;

/// <summary>What both loaders share: a source, recipes, and worker threads that make batches of views ahead of time.</summary>
public abstract class ViewLoader : IDisposable
{
    private protected ViewLoader(
        IImageSet source, IReadOnlyList<AugmentationRecipe> recipes, LoaderOptions options, torch.Device? device, ILogger? logger)
    {
        ViewPlan plan = ViewPlan.Make(source, recipes, options);
        (Source, Recipe, Options, Count, BatchesPerEpoch) = (plan.Set, plan.Recipes[0], plan.Options, plan.Count, plan.EndBatch);
        Engine = new ViewEngine(plan, device, logger);
    }

    /// <summary>The images.</summary>
    public IImageSet Source { get; }

    /// <summary>From image to view; where there are several, to the first.</summary>
    internal AugmentationRecipe Recipe { get; }

    /// <summary>The options in use.</summary>
    public LoaderOptions Options { get; }

    /// <summary>Images in an epoch, those that cannot be read included: this rank's, where several share the source.</summary>
    public long Count { get; }

    /// <summary>Images of the source, of all ranks.</summary>
    internal long Total => ImagePass.CountOf(Source);

    /// <summary>Batches in an epoch, a partial last one included unless it is dropped.</summary>
    public int BatchesPerEpoch { get; }

    /// <summary>What the loader has done since it was made.</summary>
    public LoaderStatistics Statistics => Engine.Statistics;

    /// <summary>What the enumeration that ended last did; null before the first one's end.</summary>
    public LoaderStatistics? LastEpoch => Engine.LastEpoch;

    private protected ViewEngine Engine { get; }

    /// <summary>Ends all enumerations under way.</summary>
    public void Dispose()
    {
        Engine.Dispose();
        GC.SuppressFinalize(this);
    }
}
