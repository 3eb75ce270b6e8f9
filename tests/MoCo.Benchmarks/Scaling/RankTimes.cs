using System.Diagnostics;
using MoCo.Benchmarks.Measuring;
using MoCo.Distributed;

namespace MoCo.Benchmarks.Scaling;

/// <summary>How long something took, each time on each rank; every rank knows all of it.</summary>
/// <param name="Milliseconds">By rank, then by time.</param>
internal sealed record RankTimes(double[][] Milliseconds)
{
    /// <summary>Of each time until the last rank had done; the median of the times.</summary>
    public double Slowest => Median(ranks => ranks.Max());

    /// <summary>Of each time the ranks' mean; the median of the times.</summary>
    public double Mean => Median(ranks => ranks.Average());

    /// <summary>Times functions that take turns. Before each run the ranks wait for one another.</summary>
    /// <param name="group">The ranks.</param>
    /// <param name="functions">The functions, which do the same on all ranks.</param>
    /// <param name="times">How often.</param>
    /// <param name="before">How often before, not timed.</param>
    public static RankTimes[] Of(ProcessGroup group, IReadOnlyList<Action> functions, int times, int before = 2)
    {
        TimeSpan[][] taken = [.. functions.Select(_ => new TimeSpan[times])];
        for (int time = -before; time < times; time++)
        {
            for (int i = 0; i < functions.Count; i++)
            {
                group.Barrier();
                long started = Stopwatch.GetTimestamp();
                functions[i]();
                if (time >= 0) taken[i][time] = Stopwatch.GetElapsedTime(started);
            }
        }
        return [.. taken.Select(own => Of(group, own))];
    }

    /// <summary>All ranks' times of what each has timed itself.</summary>
    public static RankTimes Of(ProcessGroup group, IEnumerable<TimeSpan> own)
        => new([.. group.AllGatherByRank([.. own.Select(time => time.Ticks)])
            .Select(rank => rank.Select(ticks => new TimeSpan(ticks).TotalMilliseconds).ToArray())]);

    private double Median(Func<IEnumerable<double>, double> ofRanks)
        => Statistics.Median([.. Milliseconds[0].Select((_, time) => ofRanks(Milliseconds.Select(rank => rank[time])))]);
}
