using System.Globalization;
using System.Text.RegularExpressions;
using MoCo.Benchmarks.CommandLines;
using MoCo.Benchmarks.Measuring;
using MoCo.Benchmarks.Peer;

namespace MoCo.Benchmarks.Scaling;

/// <summary>Starts this program as the ranks of an MPI job.</summary>
/// <param name="Program">mpirun or mpiexec.</param>
/// <param name="Version">Of what MPI.</param>
/// <param name="IsOpenMpi">Whether it is Open MPI's.</param>
internal sealed partial record RankLauncher(string Program, string Version, bool IsOpenMpi)
{
    private static readonly string[] Known = ["mpirun.openmpi", "mpiexec.mpich", "mpirun", "mpiexec"];

    /// <summary>The given launcher, or the first that is there.</summary>
    /// <exception cref="UsageException">The given one can't be started.</exception>
    /// <exception cref="BenchmarkException">There is none.</exception>
    public static RankLauncher Find(string? given)
    {
        foreach (string program in given is null ? Known : [given])
            if (Child.Run(program, ["--version"], Variables(1)) is { Exit: 0 } told)
                return new RankLauncher(program, VersionIn().Match(told.Output).Value, OpenMpi().IsMatch(told.Output));
        if (given is not null) throw new UsageException($"--launcher is '{given}', which can't be started; expected mpirun or mpiexec.");
        throw new BenchmarkException(
            $"No MPI was found, of {string.Join(", ", Known)}. On Debian: apt-get install openmpi-bin libopenmpi3. --launcher names "
            + "another, --model needs none.");
    }

    /// <exception cref="BenchmarkException">A rank failed; the message is its own.</exception>
    public Measurement Run(int ranks, ScaleJob job)
    {
        MeasuringProcess rank = MeasuringProcess.OfOurs(
            Program + string.Create(CultureInfo.InvariantCulture, $" -n {ranks}"), "measure-scale", job.Arguments());
        // Open MPI gives each rank a core of its own, or refuses; whoever measures more ranks than cores wants them to share.
        string[] sharing = IsOpenMpi ? ["--oversubscribe", "--bind-to", "none"] : [];
        MeasuringProcess process = ranks == 1 ? rank : rank with
        {
            Program = Program,
            Arguments = [.. sharing, "-n", ranks.ToString(CultureInfo.InvariantCulture), rank.Program, .. rank.Arguments],
        };
        return process.Run(Variables(job.Threads));
    }

    [GeneratedRegex(@"[0-9]+(\.[0-9]+)+")]
    private static partial Regex VersionIn();

    [GeneratedRegex("Open ?(MPI|RTE)")]
    private static partial Regex OpenMpi();

    private static Dictionary<string, string?> Variables(int threads)
    {
        string each = threads.ToString(CultureInfo.InvariantCulture);
        return new()
        {
            ["OMP_NUM_THREADS"] = each,
            ["OPENBLAS_NUM_THREADS"] = each,
            ["OMPI_ALLOW_RUN_AS_ROOT"] = "1",
            ["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1",
            ["TERM"] = "dumb", // the launcher's terminal must not get control characters
        };
    }
}
