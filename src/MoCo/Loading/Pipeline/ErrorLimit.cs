using Microsoft.Extensions.Logging;
using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>Keeps the record of unreadable images: each is logged once, too many of those that this loader met end its passes.</summary>
internal sealed class ErrorLimit(ViewPlan plan, ILogger logger)
{
    private readonly long total = ImagePass.CountOf(plan.Set);
    private readonly object gate = new();
    private readonly HashSet<string> met = [];
    private readonly List<SourceError> first = [];

    /// <summary>Logs what the source has recorded by itself: a shard's damage, a label that is none.</summary>
    internal void TellOthers()
    {
        while (logger.IsEnabled(LogLevel.Warning) && plan.Set.Errors.TryTakeUntold(out SourceError error))
            logger.LogWarning("{Location} cannot be read and is skipped: {Reason}", error.Location, error.Reason);
    }

    /// <summary>Records the image that the worker is at.</summary>
    /// <returns>The end of the pass, if this is one too many.</returns>
    internal LoaderException? Report(ImagePass pass, WorkerMemory worker, Exception cause)
    {
        string location = pass.Locate(worker);
        if (plan.Set.Errors.Record(location, cause.Message) && logger.IsEnabled(LogLevel.Warning))
            logger.LogWarning("{Location} cannot be read and is skipped: {Reason}", location, cause.Message);
        lock (gate)
        {
            if (met.Add(location) && first.Count < SourceErrors.Kept) first.Add(new SourceError(location, cause.Message));
            return met.Count <= plan.Options.MostErrors(total) ? null
                : new LoaderException(plan.Set.Name, worker.Index, met.Count, total, plan.Options, [.. first]);
        }
    }
}
