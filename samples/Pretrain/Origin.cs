using Microsoft.Extensions.Logging;
using MoCo.Distributed;
using MoCo.Interop;
using MoCo.Training.Checkpoints;

namespace Pretrain;

/// <summary>The checkpoint that a run goes on from, and what was known of that run.</summary>
/// <param name="Plan">Its run's plan, with the checkpoint's options.</param>
/// <param name="Preset">Its run's preset, where known.</param>
/// <param name="Images">How many images it was trained on, where known.</param>
internal sealed record Origin(string Checkpoint, Plan Plan, string? Preset = null, long? Images = null)
{
    /// <summary>Finds what <c>--resume</c> asks for.</summary>
    /// <param name="asked">auto, or a file.</param>
    /// <param name="usual">The plan of a run of which nothing but the checkpoint is known.</param>
    /// <returns>Null where auto finds no checkpoint: a new run.</returns>
    /// <exception cref="UsageException">There are only damaged checkpoints, or the file is none.</exception>
    public static Origin? Find(string asked, RunFolder run, Plan usual, Action<string> say)
    {
        if (asked != Request.Automatic) return Open(asked, usual);
        List<string> damaged = [];
        string? newest = CheckpointFolder.Newest(run.Checkpoints, damaged);
        if (newest is null && damaged.Count > 0)
            throw new UsageException($"No checkpoint in {run.Checkpoints} is whole: {string.Join(" ", damaged)} Remove them to begin anew, "
                + "or name another with --resume FILE.");
        foreach (string error in damaged) say($"Passed over: {error}");
        return newest is null ? null : Open(newest, usual);
    }

    private static Origin Open(string file, Plan usual)
    {
        UsageException.ThrowIf(
            Directory.Exists(file),
            $"--resume is {file}, a folder; expected a checkpoint's file, or --out {file} --resume to go on with the run in it.");
        try
        {
            MoCoOptions options = MoCoTrainer.ReadOptions(file);
            if (RunFolder.Of(file) is not { } run || !File.Exists(run.Options)) return new Origin(file, usual with { Options = options });
            SettingsFile asked = SettingsFile.Read(run.Options);
            return new Origin(file, asked.Plan() with { Options = options }, asked.Preset ?? Plan.UsualPreset, asked.Images);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new UsageException($"There is no checkpoint {file} to go on from; run without --resume first, or name another file: "
                + "--resume FILE.");
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{file} can't be resumed from: {error.Message}{(HasWeights(file)
                ? $" A new run can begin with its weights: --init {file} instead of --resume." : "")}");
        }
    }

    private static bool HasWeights(string file)
    {
        try
        {
            using WeightFile weights = WeightFile.Open(file);
            return weights.Parts.HasFlag(WeightParts.Backbone);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The plan of the run that goes on: this one's, and over it what was asked for now.</summary>
    /// <exception cref="UsageException">Something was asked for that a checkpoint is bound to.</exception>
    public Plan Continue(Request request, Action<string> say)
    {
        if (request.Preset is { } preset && Preset is { } before && preset != before)
            throw new UsageException($"--preset is '{preset}', and {Checkpoint} is of a run with '{before}'; leave it out, or name another "
                + "--out for a new run.");
        Plan plan = Plan;
        List<string> wrong = [];
        foreach ((Setting setting, System.CommandLine.ParseResult source) in request.Flags)
        {
            string? was = setting.Read(plan);
            plan = setting.Apply(plan, source);
            string? now = setting.Read(plan);
            if (now == was) continue;
            if (setting.IsLasting) wrong.Add($"{setting.Option.Name} is {now}, the checkpoint's is {was ?? "the default"}");
            else say($"{setting.Option.Name} is {Line(now)} from here on; it was {Line(was) ?? "the default"}.");
        }
        if (plan.Options.Probe is null != Plan.Options.Probe is null)
            say(plan.Options.Probe is null ? "What the online probe has learned is dropped: switched on again, it begins from zero."
                : "The online probe begins from zero here.");
        static string? Line(string? value) => value?.Replace("\n", " and ", StringComparison.Ordinal);
        return wrong.Count == 0 ? plan : throw new UsageException($"{Checkpoint} can't go on like this: {string.Join("; ", wrong)}. Leave "
            + "the flags out, or name another --out for a new run.");
    }

    /// <summary>A trainer that stands where the checkpoint does.</summary>
    /// <exception cref="UsageException">The run can't go on with these images or options.</exception>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public MoCoTrainer Trainer(MoCoOptions options, Device device, DataSet data, int batchesPerEpoch, int logEverySteps, ILogger logger,
        ProcessGroup? group = null)
    {
        int channels = Plan.Options.Encoder.InputChannels;
        if (channels != data.Train.Channels)
            throw new UsageException($"{Checkpoint} was trained on images of {channels} channels, and {data.Train.Name} has "
                + $"{data.Train.Channels}; expected the same.");
        if (Images is long count && count != data.Count)
            throw new UsageException($"{Checkpoint} was trained on {count:N0} images, and {data.Train.Name} has {data.Count:N0} now; "
                + "expected the same, since a run goes on at a place in their order. Name another --out for a new run (--init "
                + $"{Checkpoint} begins with these weights).");
        MoCoTrainer trainer = new(options, device, logger, group) { LogEverySteps = logEverySteps };
        try
        {
            trainer.Load(Checkpoint);
            if (trainer.Batch > batchesPerEpoch)
                throw new UsageException($"{Checkpoint} stands at batch {trainer.Batch} of its epoch, and {data.Train.Name} makes "
                    + $"{batchesPerEpoch}; expected the data that it was trained on.");
            if (options.Duration is null && options.Epochs < trainer.Epoch + (trainer.Batch > 0 ? 1 : 0))
                throw new UsageException($"--epochs is {options.Epochs}, and {Counted.Of(trainer.Epoch, "epoch")} and "
                    + $"{Counted.Of(trainer.Batch, "batch", "batches")} are done; expected more, the number in all.");
            return trainer;
        }
        catch
        {
            trainer.Dispose();
            throw;
        }
    }
}
