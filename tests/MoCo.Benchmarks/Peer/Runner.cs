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
        string[] arguments = [.. job.Arguments()];
        (string program, string[] all) = side == Side.Ours
            ? Ourselves(arguments)
            : (python!.Program, [Path.Combine(AppContext.BaseDirectory, "pytorch", "step.py"), .. arguments, "--json", "-"]);
        Child child = Child.Run(program, all, Variables(side, job)) ?? throw new BenchmarkException($"{program} can't be started any more.");
        if (child.Exit != 0) throw new BenchmarkException($"{Name(side)}, {job.Name}: the process ended with exit code {child.Exit}.\n{child.Errors.Trim()}");
        return Measurement.Read(child.Output, Name(side));
    }

    public static string Name(Side side) => side switch
    {
        Side.Ours => "ours",
        Side.PyTorch => "PyTorch",
        _ => "PyTorch, passive",
    };

    private static (string, string[]) Ourselves(string[] arguments)
    {
        // started as 'dotnet X.dll' or as a program of its own
        string host = Environment.ProcessPath!;
        string[] own = Path.GetFileNameWithoutExtension(host) == "dotnet" ? [typeof(Runner).Assembly.Location] : [];
        return (host, [.. own, "measure", .. arguments]);
    }

    /// <summary>libtorch's call for the number of threads does not reach OpenBLAS's own: the variable does, on all sides.</summary>
    private static Dictionary<string, string?> Variables(Side side, Job job)
    {
        var variables = new Dictionary<string, string?> { ["OPENBLAS_NUM_THREADS"] = job.Threads.ToString(CultureInfo.InvariantCulture) };
        if (side == Side.PyTorch) variables["OMP_WAIT_POLICY"] = null;
        if (side == Side.PyTorchPassive) variables["OMP_WAIT_POLICY"] = "passive";
        return variables;
    }
}
