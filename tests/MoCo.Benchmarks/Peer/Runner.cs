using System.Globalization;
using MoCo.Benchmarks.Measuring;

namespace MoCo.Benchmarks.Peer;

/// <summary>
/// Runs one job of one side in a process of its own. A process a round: nothing of the other side is loaded or waits with
/// threads of its own meanwhile, each round starts from the same state of memory, and a process's peak memory is its job's.
/// </summary>
/// <param name="python">The peer's interpreter, or null where only ours is measured.</param>
internal sealed class Runner(Python? python)
{
    /// <exception cref="BenchmarkException">The process failed; the message is its own.</exception>
    public Measurement Run(Side side, Job job)
    {
        string name = $"{Name(side)}, {job.Name}";
        MeasuringProcess process = side == Side.Ours
            ? MeasuringProcess.OfOurs(name, "measure", job.Arguments())
            : MeasuringProcess.OfPeer(name, python!, "step.py", job.Arguments());
        return process.Run(Variables(side, job));
    }

    public static string Name(Side side) => side switch
    {
        Side.Ours => "ours",
        Side.PyTorch => "PyTorch",
        _ => "PyTorch, passive",
    };

    /// <summary>libtorch's call for the number of threads does not reach OpenBLAS's own: the variable does, on all sides.</summary>
    private static Dictionary<string, string?> Variables(Side side, Job job)
    {
        var variables = new Dictionary<string, string?> { ["OPENBLAS_NUM_THREADS"] = job.Threads.ToString(CultureInfo.InvariantCulture) };
        if (side == Side.PyTorch) variables["OMP_WAIT_POLICY"] = null;
        if (side == Side.PyTorchPassive) variables["OMP_WAIT_POLICY"] = "passive";
        return variables;
    }
}
