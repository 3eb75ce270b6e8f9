using MoCo.Distributed;
using MoCo.Training.Checkpoints;

namespace Pretrain.Results;

/// <summary>What is told of a run that an error ended: the error in a line or two, where the run stood, what is saved and how to go on. The
/// trace, with what native code says of itself, goes into a file of the run's folder.</summary>
internal static class Failure
{
    /// <summary>The file in a run's folder.</summary>
    public const string Name = "error.txt";

    /// <summary>That of another rank than 0.</summary>
    private static string NameOf(ProcessGroup group) => group.Rank == 0 ? Name : $"error-rank{group.Rank}.txt";

    /// <param name="error">What happened.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="trainer">The trainer, whose checkpoints are those of the run.</param>
    /// <param name="message">From the error's message to what users read.</param>
    /// <param name="again">The command that goes on.</param>
    public static string Told(Exception error, RunFolder run, MoCoTrainer trainer, Func<string, string> message, string again)
    {
        CheckpointFolder checkpoints = trainer.Checkpoints!;
        try
        {
            checkpoints.Flush();
        }
        catch (IOException)
        {
            // It is the error itself, or told of already; the checkpoint before it stands.
        }
        string place = $"The run ended by an error at step {trainer.StepCount:N0}, in epoch {Preamble.Epoch(trainer)}.";
        string standing = trainer.Group.Rank > 0 ? "as rank 0 wrote it" : checkpoints.StepWritten is long step
            ? $"at step {step:N0}" : "as it was before";
        string saved = File.Exists(checkpoints.Last) ? $"{checkpoints.Last} stands {standing}. To go on:\n  {again}"
            : "No checkpoint is saved: the same command begins anew.";
        return $"{message(CommandRun.Plain(error))}\n{place} "
            + $"{saved}{Trace(Path.Combine(run.Root, NameOf(trainer.Group)), $"{place}\n{error}\n", error)}";
    }

    private static string Trace(string path, string trace, Exception error)
    {
        try
        {
            OutputFile.Replace(path, trace);
            return $"\nThe whole trace is in {path}.";
        }
        catch (Exception other) when (other is IOException or UnauthorizedAccessException)
        {
            // A full disk ends the run and takes no trace; where it is the error, its message says all.
            return error is IOException or UnauthorizedAccessException ? "" : $"\n{trace}";
        }
    }
}
