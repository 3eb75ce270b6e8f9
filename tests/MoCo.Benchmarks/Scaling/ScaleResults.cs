using System.Globalization;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Scaling;

/// <summary>All that a run of <c>scale</c> measured on this machine: medians over the rounds, in seconds.</summary>
/// <param name="job">What was measured.</param>
/// <param name="cores">The machine's.</param>
internal sealed class ScaleResults(ScaleJob job, int cores)
{
    private readonly SortedDictionary<int, List<Measurement>> all = [];

    public void Add(int ranks, Measurement measurement)
    {
        if (!all.TryGetValue(ranks, out List<Measurement>? rounds)) all.Add(ranks, rounds = []);
        rounds.Add(measurement);
    }

    /// <summary>Numbers of ranks that moved something.</summary>
    public IEnumerable<int> Joined => all.Keys.Where(ranks => ranks > 1);

    public double this[int ranks, string part] => Statistics.Median([.. all[ranks].Select(m => m[part])]) / 1000;

    /// <summary>Bytes and seconds of a collective, by size.</summary>
    public (double Bytes, double Seconds)[] Sizes(int ranks, Collective kind)
    {
        string prefix = RankMeasurement.Prefix(kind);
        return [.. all[ranks][0].NamesAfter(prefix)
            .Select(size => (double.Parse(size, CultureInfo.InvariantCulture), this[ranks, prefix + size]))];
    }

    public Dictionary<Collective, TransferTime> Times(int ranks)
        => Enum.GetValues<Collective>().ToDictionary(kind => kind, kind => new TransferTime(Sizes(ranks, kind)));

    /// <summary>The model that knows what one rank alone takes.</summary>
    public MachineModel FromOne => Model(all.Keys.First());

    /// <summary>The model that knows what ranks take that fill the cores and do not talk.</summary>
    public MachineModel FromFullCores => Model(all.Keys.Where(ranks => ranks * job.Threads <= cores).Append(all.Keys.First()).Max());

    private MachineModel Model(int ranks) => new(this[ranks, RankMeasurement.Apart], ranks, job.Threads, cores);
}
