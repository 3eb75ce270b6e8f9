using MoCo;
using MoCo.Reporting;
using MoCo.Training;

namespace Pretrain;

/// <summary>The checkpoint that a run goes on from, and what was known of that run.</summary>
/// <param name="Checkpoint">The file.</param>
/// <param name="Options">What it was trained with.</param>
/// <param name="Preset">Its run's preset, where known.</param>
/// <param name="Plan">Its run's plan, with the checkpoint's options.</param>
/// <param name="Images">How many images it was trained on, where known.</param>
internal sealed record Origin(string Checkpoint, MoCoOptions Options, string? Preset, Plan Plan, long? Images)
{
    /// <summary>Finds what <c>--resume</c> asks for.</summary>
    /// <param name="asked">auto, or a file.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="say">Told of damaged files that were passed over.</param>
    /// <returns>Null where auto finds no checkpoint: a new run.</returns>
    /// <exception cref="UsageException">There are only damaged checkpoints, or the file is none.</exception>
    public static Origin? Find(string asked, RunFolder run, Action<string> say)
    {
        if (asked != Request.Automatic) return Open(asked);
        List<string> damaged = [];
        string? newest = CheckpointFolder.Newest(run.Checkpoints, damaged);
        if (newest is null && damaged.Count > 0)
            throw new UsageException($"No checkpoint in {run.Checkpoints} is whole: {string.Join(" ", damaged)} Remove them to begin anew, or name another with --resume FILE.");
        foreach (string error in damaged) say($"Passed over: {error}");
        return newest is null ? null : Open(newest);
    }

    private static Origin Open(string file)
    {
        try
        {
            MoCoOptions options = MoCoTrainer.ReadOptions(file);
            if (RunFolder.Of(file) is not { } run || !File.Exists(run.Options)) return new Origin(file, options, null, new Plan { Options = options }, null);
            Dictionary<string, string> asked = SettingsFile.Read(run.Options);
            string preset = asked.GetValueOrDefault(SettingsFile.PresetKey) ?? new Plan().Preset;
            Plan plan = SettingsFile.Apply(Plan.For(preset), run.Options, asked) with { Options = options };
            return new Origin(file, options, preset, plan, asked.TryGetValue(SettingsFile.ImagesKey, out string? count) ? Values.LongOrNone(count) : null);
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"There is no checkpoint {file} to go on from.");
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw new UsageException($"{file} can't be resumed from: {error.Message}");
        }
    }

    /// <summary>The plan of the run that goes on: this one's, and over it what was asked for now.</summary>
    /// <param name="request">What was asked for.</param>
    /// <param name="say">Told of what changes.</param>
    /// <exception cref="UsageException">Something was asked for that a checkpoint is bound to.</exception>
    public Plan Continue(Request request, Action<string> say)
    {
        if (request.Preset is { } preset && Preset is { } before && preset != before)
            throw new UsageException($"--preset is '{preset}', and {Checkpoint} is of a run with '{before}'; leave it out, or name another --out for a new run.");
        Plan plan = Plan;
        List<string> wrong = [];
        foreach ((Setting setting, string value) in request.Flags)
        {
            string? was = setting.Read(plan);
            Plan changed = setting.Apply(plan, value);
            if (setting.Read(changed) == was) continue;
            if (setting.IsLasting) wrong.Add($"{setting.Flag} is {setting.Read(changed)}, the checkpoint's is {was ?? "the default"}");
            else say($"{setting.Flag} is {setting.Read(changed)} from here on; it was {was ?? "the default"}.");
            plan = changed;
        }
        return wrong.Count == 0 ? plan : throw new UsageException($"{Checkpoint} can't go on like this: {string.Join("; ", wrong)}. Leave the flags out, or name another --out for a new run.");
    }

    /// <summary>Checks that a trainer that stands where the checkpoint does can go on with these images.</summary>
    /// <exception cref="UsageException">It can't.</exception>
    public void Refuse(MoCoTrainer trainer, DataSet data, int batchesPerEpoch)
    {
        if (Images is long count && count != data.Count)
            throw new UsageException($"{Checkpoint} was trained on {count:N0} images, and {data.Train.Name} has {data.Count:N0} now; expected the same, since a run goes on at a place in their order. Name another --out for a new run (--init {Checkpoint} begins with these weights).");
        if (trainer.Batch > batchesPerEpoch)
            throw new UsageException($"{Checkpoint} stands at batch {trainer.Batch} of its epoch, and {data.Train.Name} makes {batchesPerEpoch}; expected the data that it was trained on.");
        if (trainer.Options.Duration is null && trainer.Options.Epochs < trainer.Epoch + (trainer.Batch > 0 ? 1 : 0))
            throw new UsageException($"--epochs is {trainer.Options.Epochs}, and {trainer.Epoch} epochs and {trainer.Batch} batches are done; expected more, the number in all.");
    }
}
