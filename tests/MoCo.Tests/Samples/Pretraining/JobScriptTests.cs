using System.Diagnostics;
using MoCo.Tests.Distributed;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>The job script for SLURM, with stand-ins for its commands: srun is mpiexec, scontrol writes down what it is asked.</summary>
public sealed class JobScriptTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void A_job_that_is_told_of_its_end_saves_and_is_queued_again_and_goes_on()
    {
        string run = small.File("run"), asked = small.File("asked");
        JobEnd first = MpiLaunch.Run(Job(run, asked, epochs: 2_000), job =>
        {
            Waiting.Until(() => job.HasExited || File.Exists(Path.Combine(run, "checkpoints", "last.ckpt")));
            using Process kill = Process.Start("pkill", ["-USR1", "-P", $"{job.Id}", "mpiexec"]);
            kill.WaitForExit();
        });
        Assert.True(first.Code == 0, $"{first}");
        Assert.Equal("requeue 17", File.ReadAllText(asked).Trim());

        using MoCoTrainer saved = MoCoTrainer.Resume(Path.Combine(run, "checkpoints", "last.ckpt"));
        File.Delete(asked);
        JobEnd second = MpiLaunch.Run(Job(run, asked, epochs: saved.Epoch + 1));
        Assert.True(second.Code == 0, $"{second}");
        Assert.Contains($"Going on at step {saved.StepCount:N0}", second.Output);
        Assert.False(File.Exists(asked));
    }

    private ProcessStartInfo Job(string run, string asked, int epochs)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mpiexec.mpich"), "mpiexec.mpich is not installed");
        string commands = Directory.CreateDirectory(small.File("commands")).FullName;
        Script("srun", "while [ \"${1#--}\" != \"$1\" ]; do shift; done; exec mpiexec.mpich -n 2 \"$@\"");
        Script("scontrol", $"echo \"$@\" > '{asked}'");
        ProcessStartInfo start = new("bash", [Repository.File("samples", "docs", "pretrain.slurm")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] own = ["--data", "--plain", "--save-every-steps"];
        List<string> flags = [.. small.Flags(epochs)];
        foreach (string name in own) flags.RemoveRange(flags.IndexOf(name), name == "--plain" ? 1 : 2);
        flags[flags.IndexOf("--bn-splits") + 1] = "2";
        start.Environment["PATH"] = $"{commands}:{Environment.GetEnvironmentVariable("PATH")}";
        (start.Environment["DATA"], start.Environment["OUT"], start.Environment["SLURM_JOB_ID"]) = (small.Data, run, "17");
        (start.Environment["FLAGS"], start.Environment["OMP_NUM_THREADS"]) = (string.Join(' ', flags), "1");
        start.Environment["PROGRAM"] = Repository.File("samples", "Pretrain", "bin", Repository.Configuration, "net10.0", "pretrain.dll");
        return start;

        void Script(string name, string line)
        {
            string file = Path.Combine(commands, name);
            File.WriteAllText(file, $"#!/bin/bash\n{line}\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }
}
