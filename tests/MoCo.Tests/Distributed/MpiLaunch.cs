using System.Diagnostics;

namespace MoCo.Tests.Distributed;

/// <summary>Starts this test program's tasks as ranks of an MPI job.</summary>
internal static class MpiLaunch
{
    public const string OpenMpi = "mpirun.openmpi", Mpich = "mpiexec.mpich";

    public static TheoryData<string> Both => [OpenMpi, Mpich];

    /// <summary>The command of a job of this program's ranks.</summary>
    /// <param name="launcher">One of <see cref="Both"/>; a test is skipped where it is missing.</param>
    /// <param name="ranks">How many.</param>
    /// <param name="program">The program and its arguments.</param>
    /// <param name="environment">Further variables.</param>
    public static ProcessStartInfo Command(
        string launcher, int ranks, IEnumerable<string> program, IReadOnlyDictionary<string, string>? environment = null)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{launcher}"), $"{launcher} is not installed");
        ProcessStartInfo start = new($"/usr/bin/{launcher}") { RedirectStandardOutput = true, RedirectStandardError = true };
        if (launcher == OpenMpi)
        {
            // Root, more ranks than cores, and ranks that may run on any of them.
            (start.Environment["OMPI_ALLOW_RUN_AS_ROOT"], start.Environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"]) = ("1", "1");
            start.ArgumentList.Add("--oversubscribe");
            start.ArgumentList.Add("--bind-to");
            start.ArgumentList.Add("none");
        }
        // A rank that waits leaves its core to others.
        (start.Environment["OMPI_MCA_mpi_yield_when_idle"], start.Environment["MPIR_CVAR_POLLS_BEFORE_YIELD"]) = ("1", "1");
        (start.Environment["OMP_NUM_THREADS"], start.Environment["TERM"]) = ("1", "dumb");
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        foreach (string word in (IEnumerable<string>)["-n", $"{ranks}", .. program]) start.ArgumentList.Add(word);
        return start;
    }

    /// <summary>The command of a job that runs a task of <see cref="RankProgram"/>.</summary>
    public static ProcessStartInfo Task(
        string launcher, int ranks, string[] task, IReadOnlyDictionary<string, string>? environment = null)
        => Command(launcher, ranks, ["dotnet", typeof(MpiLaunch).Assembly.Location, RankProgram.Name, .. task], environment);

    /// <summary>Runs a job to its end.</summary>
    /// <param name="start">Its command.</param>
    /// <param name="during">Done while it runs.</param>
    public static JobEnd Run(ProcessStartInfo start, Action<Process>? during = null)
    {
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), errors = process.StandardError.ReadToEndAsync();
        long started = Stopwatch.GetTimestamp();
        try
        {
            during?.Invoke(process);
            Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the job had not ended after 60 s");
        }
        catch (Exception error) when (error is not Xunit.Sdk.SkipException)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{error.Message}\n{output.Result}\n{errors.Result}", error);
        }
        return new JobEnd(process.ExitCode, output.Result, errors.Result, Stopwatch.GetElapsedTime(started));
    }
}

/// <summary>How a job ended.</summary>
internal sealed record JobEnd(int Code, string Output, string Errors, TimeSpan Time)
{
    public override string ToString() => $"exit code {Code} after {Time.TotalSeconds:F1} s\n{Output}\n{Errors}";
}
