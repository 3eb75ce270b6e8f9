using MoCo.Contrast;

namespace Pretrain;

/// <summary>What a program makes of a run; as it is, what <c>pretrain</c> does.</summary>
internal class Job
{
    /// <summary>The time for the whole job, in which accuracy is measured before and after training; null: training alone.</summary>
    public Budget? Budget { get; init; }

    /// <summary>Quick looks spread over the run; null: every so many epochs, as the plan says.</summary>
    public int? Looks { get; init; }

    /// <summary>Lines about epochs at most, roughly: epochs of a few images take less than a second. Null: one for each.</summary>
    public int? EpochLines { get; init; }

    /// <summary>Whether a new run takes the place of one that its folder holds.</summary>
    public bool Replaces { get; init; }

    /// <summary>Lays what was asked for over the plan of a run that begins or goes on.</summary>
    public virtual Plan Ask(Plan plan) => plan;

    /// <summary>What is chosen by looking at the images.</summary>
    /// <param name="isNew">Whether the run begins, so that its options may be chosen too.</param>
    /// <exception cref="UsageException">The images don't fit what was asked for.</exception>
    public virtual (Plan, DataSet) Choose(Plan plan, DataSet data, bool isNew)
    {
        MoCoOptions options = plan.Options with { Encoder = plan.Options.Encoder with { InputChannels = data.Train.Channels } };
        if (options.Probe is { } probe)
        {
            UsageException.ThrowIf(data.Train.Classes.Count < 2, $"--online-probe learns from labels, and {data.Train.Name} has none; "
                + "expected data with labels, or --online-probe false.");
            options = options with { Probe = probe with { Classes = data.Train.Classes.Count } };
        }
        if (isNew && options.Method == MethodKind.MemoryBank)
            options = data.Train is IImageSource ? Plan.OfSize(options, data.Count)
                : throw new UsageException(
                    "--method memorybank keeps a row for each image by its number, and tar shards are a stream without "
                    + "numbers; expected other data, or --method moco, whose queue needs none.");
        return (plan with { Options = options, Views = ViewRecipe.Kind(plan, data.Train), ViewSize = data.Views.Query.OutputSize }, data);
    }

    /// <summary>A message of the library as the program's users know its words.</summary>
    public virtual string Worded(string message) => Settings.InFlags(message);

    /// <summary>The flag that gives a run by time more of it.</summary>
    public virtual string MoreTime => "--duration TIME, the time in all,";

    /// <summary>A word of a command that can be pasted.</summary>
    protected static string Quoted(string word) =>
        word.Length > 0 && word.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=+:,".Contains(c)) ? word
        : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>The command that goes on, or trains a finished run on, ready to paste.</summary>
    /// <param name="isDone">Whether the run is finished, with all that is written at its end.</param>
    public virtual string Again(string folder, MoCoTrainer trainer, bool isDone)
    {
        MoCoOptions options = trainer.Options;
        string more = options.Duration is { } time ? $" --duration {Values.Text(2 * time)}" : $" --epochs {2 * options.Epochs}";
        return $"pretrain --out {Quoted(folder)} --resume{(isDone ? more : "")}";
    }
}
