using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Reporting;

/// <summary>All that a run of <c>step</c> measured.</summary>
internal sealed class StepResults
{
    private readonly List<(Job Job, Side Side, Measurement Measurement)> all = [];

    public void Add(Job job, Side side, Measurement measurement) => all.Add((job, side, measurement));

    /// <summary>The timed rows, in the order of the jobs.</summary>
    public IEnumerable<Row> Rows()
        => from job in Jobs()
           where job.Name != StepOptions.Loader
           from part in job.Parts
           select new Row(job, part, Rounds(job, m => m[part]));

    /// <summary>What a step takes beyond the bare passes through the encoders, as a share of these: by job and side, the median of the
    /// rounds. Within a round both were measured in turn.</summary>
    public IEnumerable<(Job Job, IReadOnlyDictionary<Side, double> Share)> Overheads()
        => from job in Jobs()
           where job.Parts.Contains(Part.Step) && job.Parts.Contains(Part.ForwardBackward)
           select (job, (IReadOnlyDictionary<Side, double>)Medians(job, m => m[Part.Step] / m[Part.ForwardBackward] - 1));

    /// <summary>Largest peak of the rounds, MiB, by job and side; on CUDA PyTorch's is the device's and not comparable.</summary>
    public IEnumerable<(Job Job, IReadOnlyDictionary<Side, double> Peak)> PeakMemory()
        => from job in Jobs()
           where job.Name != StepOptions.Loader && all.Where(a => a.Job == job).All(a => a.Measurement.Has("peak_memory_mb"))
           select (job, (IReadOnlyDictionary<Side, double>)Rounds(job, m => m["peak_memory_mb"])
               .ToDictionary(r => r.Key, r => r.Value.Max()));

    /// <summary>Pairs of views a second by number of workers.</summary>
    public IEnumerable<(int Workers, double PairsPerSecond)> Loader()
    {
        Job? job = Jobs().FirstOrDefault(j => j.Name == StepOptions.Loader);
        if (job is null) yield break;
        yield return (1, Medians(job, m => m[Part.LoaderOneWorker])[Side.Ours]);
        yield return (2, Medians(job, m => m[Part.LoaderTwoWorkers])[Side.Ours]);
    }

    /// <summary>What a side makes of the bare passes on a CPU, 10⁹ operations a second.</summary>
    public IEnumerable<(Job Job, IReadOnlyDictionary<Side, double> Speed)> Speeds()
        => from job in Jobs()
           where job.Device == "cpu" && job.Parts.Contains(Part.ForwardBackward)
           select (job, (IReadOnlyDictionary<Side, double>)Medians(
               job, m => Operations.OfPasses(job) / (m[Part.ForwardBackward] / 1000)));

    /// <summary>The fastest matrix product that a side did on a CPU, 10⁹ operations a second.</summary>
    public double? Product(params Side[] sides)
    {
        double[] speeds = [.. all.Where(a => sides.Contains(a.Side) && a.Measurement.Fact("blas_gflops") is not null)
            .Select(a => a.Measurement["blas_gflops"])];
        return speeds.Length > 0 ? speeds.Max() : null;
    }

    /// <summary>The peer's.</summary>
    public double? PeersBlas() => Product(Side.PyTorch, Side.PyTorchPassive);

    /// <summary>A fact that a side's processes state about themselves.</summary>
    public string? Fact(Side side, string name) => all.Where(a => a.Side == side).Select(a => a.Measurement.Fact(name)).FirstOrDefault();

    private IEnumerable<Job> Jobs() => all.Select(a => a.Job).Distinct();

    private Dictionary<Side, double[]> Rounds(Job job, Func<Measurement, double> value)
        => all.Where(a => a.Job == job).GroupBy(a => a.Side).ToDictionary(g => g.Key, g => g.Select(a => value(a.Measurement)).ToArray());

    private Dictionary<Side, double> Medians(Job job, Func<Measurement, double> value)
        => Rounds(job, value).ToDictionary(r => r.Key, r => Statistics.Median(r.Value));
}
