using System.Globalization;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Evaluating;

/// <summary>Runs the evaluation of one side in a process of its own, as <see cref="Runner"/> does a step.</summary>
/// <param name="python">The peer's interpreter, or null where only ours is measured.</param>
internal sealed class EvaluationRunner(Python? python)
{
    /// <exception cref="BenchmarkException">The process failed; the message is its own.</exception>
    public Measurement Run(Side side, EvaluationJob job)
    {
        string name = Runner.Name(side);
        MeasuringProcess process = side == Side.Ours
            ? MeasuringProcess.OfOurs(name, "measure-evaluation", job.Arguments())
            : MeasuringProcess.OfPeer(name, python!, "evaluation.py", job.Arguments());
        // libtorch's call for the number of threads does not reach OpenBLAS's own: the variable does, on all sides.
        Dictionary<string, string?> variables = new() { ["OPENBLAS_NUM_THREADS"] = job.Threads.ToString(CultureInfo.InvariantCulture) };
        if (side != Side.Ours) variables["OMP_WAIT_POLICY"] = side == Side.PyTorchPassive ? "passive" : null;
        return process.Run(variables);
    }
}
