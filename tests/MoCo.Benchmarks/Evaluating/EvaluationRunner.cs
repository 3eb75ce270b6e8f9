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
        string host = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(EvaluationRunner).Assembly.Location] : [];
        string program = side == Side.Ours ? host : python!.Program;
        string[] start = side == Side.Ours ? [.. own, "measure-evaluation"] : [Path.Combine(AppContext.BaseDirectory, "pytorch", "evaluation.py")];
        // libtorch's call for the number of threads does not reach OpenBLAS's own: the variable does, on all sides.
        var variables = new Dictionary<string, string?> { ["OPENBLAS_NUM_THREADS"] = job.Threads.ToString(CultureInfo.InvariantCulture) };
        if (side != Side.Ours) variables["OMP_WAIT_POLICY"] = side == Side.PyTorchPassive ? "passive" : null;
        Child child = Child.Run(program, [.. start, .. job.Arguments()], variables) ?? throw new BenchmarkException($"{program} can't be started any more.");
        if (child.Exit != 0) throw new BenchmarkException($"{Runner.Name(side)}: the process ended with exit code {child.Exit}.\n{child.Errors.Trim()}");
        return Measurement.Read(child.Output, Runner.Name(side));
    }
}
