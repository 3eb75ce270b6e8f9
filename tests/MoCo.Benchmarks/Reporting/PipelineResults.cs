using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Reporting;

/// <summary>All that the rounds measured of one recipe. Rates are per second, one a round.</summary>
internal sealed class PipelineResults(string recipe)
{
    private readonly List<Measurement> ours = [], peer = [], loaderOne = [], loaderTwo = [];
    private readonly List<IReadOnlyList<Measurement>> peerTwo = [];

    public string Recipe => recipe;

    public void Add(Measurement oursOnOne, Measurement peerOnOne, Measurement loaderOnOne)
    {
        ours.Add(oursOnOne);
        peer.Add(peerOnOne);
        loaderOne.Add(loaderOnOne);
    }

    public void AddTwoCores(Measurement loader, IReadOnlyList<Measurement> peers)
    {
        loaderTwo.Add(loader);
        peerTwo.Add(peers);
    }

    public bool HasTwoCores => loaderTwo.Count > 0;

    public double[] Ours(string part) => [.. ours.Select(m => 1000 / m[part])];

    public double[] Peer(string part) => [.. peer.Select(m => 1000 / m[part])];

    /// <summary>Pairs a second through the loader.</summary>
    public double[] Loader(int cores) => [.. (cores == 1 ? loaderOne : loaderTwo).Select(m => m[PipelinePart.Loader])];

    /// <summary>Pairs a second of processor time through the loader.</summary>
    public double[] LoaderByProcessorTime(int cores) => [.. (cores == 1 ? loaderOne : loaderTwo).Select(m => m[PipelinePart.LoaderCpu])];

    public double[] PeerOnTwoCores() => [.. peerTwo.Select(both => both.Sum(m => 1000 / m[PipelinePart.Pair]))];

    /// <summary>Ours ÷ theirs: above 1 we are faster.</summary>
    public double Ratio(string part) => Median(Ours(part)) / Median(Peer(part));

    public double SkiaRatio => Median(Ours(PipelinePart.PairSkia)) / Median(Peer(PipelinePart.Pair));

    public double TwoCoreRatio => Median(Loader(2)) / Median(Loader(1));

    public double PeerTwoCoreRatio => Median(PeerOnTwoCores()) / Median(Peer(PipelinePart.Pair));

    public double BytesPerImage => ours.Max(m => m[PipelinePart.BytesPerImage]);

    public double LoaderBytesPerImage => Statistics.Median([.. loaderOne.Select(m => m[PipelinePart.LoaderBytesPerImage])]);

    /// <summary>The recipe's steps in order: mean microseconds a view, ours and theirs.</summary>
    public IEnumerable<(string Step, double Ours, double? Theirs)> Steps()
    {
        foreach (string step in ours[0].NamesAfter(PipelinePart.StepPrefix))
        {
            string name = PipelinePart.StepPrefix + step;
            yield return (step, 1000 * Median([.. ours.Select(m => m[name])]), peer[0].Has(name)
                ? 1000 * Median([.. peer.Select(m => m[name])]) : null);
        }
    }

    /// <summary>A fact that the peer's processes state about themselves.</summary>
    public string? PeerFact(string name) => peer[0].Fact(name);

    private static double Median(double[] values) => Statistics.Median(values);
}
