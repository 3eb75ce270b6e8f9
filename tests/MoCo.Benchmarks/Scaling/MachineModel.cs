namespace MoCo.Benchmarks.Scaling;

/// <summary>How long a step takes on the cores of one machine: the ranks compute beside each other, as far as there are cores, and then
/// the collectives follow one another.</summary>
/// <param name="Compute">What a rank's step takes without the others, while as many ranks as <paramref name="MeasuredRanks"/>
/// compute.</param>
/// <param name="MeasuredRanks">How many.</param>
/// <param name="Threads">Threads of a rank.</param>
/// <param name="Cores">The machine's.</param>
internal sealed record MachineModel(double Compute, int MeasuredRanks, int Threads, int Cores)
{
    public double ComputeOf(int ranks) => Compute * Turns(ranks) / Turns(MeasuredRanks);

    /// <param name="ranks">The ranks.</param>
    /// <param name="calls">The collectives of a step.</param>
    /// <param name="times">What each kind takes among so many ranks.</param>
    public double Step(int ranks, IEnumerable<Transfer> calls, IReadOnlyDictionary<Collective, TransferTime> times)
        => ComputeOf(ranks) + calls.Sum(call => times[call.Kind].Of(call.Bytes));

    /// <summary>How many ranks take turns on a core.</summary>
    private double Turns(int ranks) => Math.Max(1, (double)ranks * Threads / Cores);
}
