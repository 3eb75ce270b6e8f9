using Microsoft.Extensions.Logging;
using MoCo.Data;

namespace MoCo.Loading.Pipeline;

/// <summary>Keeps the record of unreadable pictures: each is logged once, too many of those that this loader met end its passes.</summary>
internal sealed class FaultLimit(ViewPlan plan, ILogger logger)
{
    private readonly long total = PicturePass.CountOf(plan.Set);
    private readonly object gate = new();
    private readonly HashSet<string> met = [];
    private readonly List<SourceFault> first = [];

    /// <summary>Logs what the source has recorded by itself: a shard's damage, a label that is none.</summary>
    internal void TellOthers()
    {
        while (logger.IsEnabled(LogLevel.Warning) && plan.Set.Faults.TryTakeUntold(out var fault))
            logger.LogWarning("{Location} cannot be read and is skipped: {Reason}", fault.Location, fault.Reason);
    }

    /// <summary>Records the picture that the worker is at.</summary>
    /// <returns>The end of the pass, if this is one too many.</returns>
    internal LoaderException? Report(PicturePass pass, WorkerMemory worker, Exception cause)
    {
        var location = pass.Locate(worker);
        if (plan.Set.Faults.Record(location, cause.Message) && logger.IsEnabled(LogLevel.Warning))
            logger.LogWarning("{Location} cannot be read and is skipped: {Reason}", location, cause.Message);
        lock (gate)
        {
            if (met.Add(location) && first.Count < SourceFaults.Kept)
                first.Add(new SourceFault(location, cause.Message));
            var allowed = plan.Options.MaximumFaultShare;
            return met.Count > allowed * total ? new LoaderException(plan.Set.Name, worker.Index, met.Count, total, allowed, [.. first]) : null;
        }
    }
}
