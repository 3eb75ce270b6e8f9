using System.Globalization;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Peer;

/// <summary>Runs one job of one side in a process of its own. A process a round: nothing of the other side is loaded or waits with threads
/// of its own meanwhile, each round starts from the same state of memory, and a process's peak memory is its job's.</summary>
/// <param name="python">The peer's interpreter, or null where only ours is measured.</param>
internal sealed class Runner(Python? python)
{
    private const double LargestDifference = 1e-4;

    /// <exception cref="BenchmarkException">The process failed; the message is its own.</exception>
    public Measurement Run(Side side, Job job)
    {
        string name = $"{Name(side)}, {job.Name}";
        MeasuringProcess process = side switch
        {
            Side.Ours => MeasuringProcess.OfOurs(name, "measure", job.Arguments()),
            Side.TorchSharp => MeasuringProcess.OfOurs(name, "measure-torchsharp", job.Arguments()),
            _ => MeasuringProcess.OfPeer(name, python!, "step.py", job.Arguments()),
        };
        return process.Run(Variables(side, job));
    }

    /// <summary>What may be set on a machine to tune another OpenBLAS is no peer's to suffer from.</summary>
    public static Dictionary<string, string?> PeersVariables => new() { ["OPENBLAS_CORETYPE"] = null, ["OPENBLAS_L2_SIZE"] = null };

    /// <summary>The losses of a job's first step on all sides, from the same weights.</summary>
    /// <exception cref="BenchmarkException">The process failed, or a peer's loss is another than ours.</exception>
    public Measurement CheckPeers(Job job)
    {
        string name = $"check-peers, {job.Name}";
        Measurement losses = MeasuringProcess.OfOurs(
            name, "check-peers", [.. job.Arguments(), .. python is null ? [] : new[] { "--python", python.Program }])
            .Run(Variables(Side.Ours, job));
        foreach (string peer in new[] { "torchsharp", "pytorch" }.Where(losses.Has))
        {
            if (!(Math.Abs(losses[peer] - losses["ours"]) <= LargestDifference))
                throw new BenchmarkException(
                    string.Create(CultureInfo.InvariantCulture, $"{name}: the first loss is {losses[peer]} in {peer} and "
                    + $"{losses["ours"]} in ours; expected the same within {LargestDifference}."));
        }
        return losses;
    }

    public static string Name(Side side) => side switch
    {
        Side.Ours => "ours",
        Side.TorchSharp => "plain TorchSharp",
        Side.PyTorch => "PyTorch",
        _ => "PyTorch, passive",
    };

    /// <summary>libtorch's call for the number of threads does not reach OpenBLAS's own: the variable does, on all sides.</summary>
    private static Dictionary<string, string?> Variables(Side side, Job job)
    {
        Dictionary<string, string?> variables = new() { ["OPENBLAS_NUM_THREADS"] = job.Threads.ToString(CultureInfo.InvariantCulture) };
        if (side is Side.PyTorch or Side.PyTorchPassive)
            foreach ((string variable, string? value) in PeersVariables) variables[variable] = value;
        if (side == Side.PyTorch) variables["OMP_WAIT_POLICY"] = null;
        if (side == Side.PyTorchPassive) variables["OMP_WAIT_POLICY"] = "passive";
        return variables;
    }
}
