using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Peer;

/// <summary>Runs the processes of the pipeline benchmark, each kept to its cores from its start.</summary>
/// <param name="python">The peer's interpreter.</param>
/// <param name="cores">One core, or two where there are two; empty where processes can't be kept to cores.</param>
internal sealed class PipelineRunner(Python python, IReadOnlyList<int> cores)
{
    // What else has threads of its own shall not have them here.
    private static readonly Dictionary<string, string?> Variables = new() { ["OPENBLAS_NUM_THREADS"] = "1", ["OMP_NUM_THREADS"] = "1" };

    public Measurement OursOnOneCore(PipelineJob job) => Ours(job, [.. cores.Take(1)]);

    public Measurement OursOnTwoCores(PipelineJob job) => Ours(job with { Workers = 2 }, cores);

    public Measurement PeerOnOneCore(PipelineJob job) => Peer(job, [.. cores.Take(1)]);

    /// <summary>Two processes at once, one a core: nothing is shared, which is the best that the peer can do.</summary>
    public IReadOnlyList<Measurement> PeerOnTwoCores(PipelineJob job)
    {
        Task<Measurement>[] both = [.. Enumerable.Range(0, 2).Select(i => Task.Run(() => Peer(job, [.. cores.Skip(i).Take(1)])))];
        Task.WaitAll(both);
        return [.. both.Select(t => t.Result)];
    }

    private static Measurement Ours(PipelineJob job, IReadOnlyList<int> on)
        => Kept(MeasuringProcess.OfOurs($"ours, {job.Recipe}", "measure-pipeline", job.Arguments()), on).Run(Variables);

    private Measurement Peer(PipelineJob job, IReadOnlyList<int> on)
        => Kept(MeasuringProcess.OfPeer($"torchvision, {job.Recipe}", python, "pipeline.py", job.Arguments()), on).Run(Variables);

    private static MeasuringProcess Kept(MeasuringProcess process, IReadOnlyList<int> on) => on.Count == 0 ? process : process.On(on);
}
