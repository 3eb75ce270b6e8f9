using MoCo;
using MoCo.Data;
using MoCo.Loading;

namespace Quickstart;

/// <summary>Takes up a run where it was left.</summary>
internal static class Checkpoints
{
    /// <summary>Loads a checkpoint with the options that it was saved with.</summary>
    /// <param name="path">The file.</param>
    /// <param name="epochs">Another number of epochs in all, also of a run by time; null: the checkpoint's.</param>
    /// <param name="data">What the run goes on with.</param>
    /// <exception cref="UsageException">The file is missing, damaged, or does not fit.</exception>
    public static MoCoTrainer Resume(string path, int? epochs, DataSet data)
    {
        MoCoTrainer? trainer = null;
        try
        {
            trainer = MoCoTrainer.Resume(path);
            RefuseMisfit(trainer, epochs, data.Train, data.Recipe);
            if (epochs is not int asked || trainer.Options is { Duration: null } options && options.Epochs == asked) return trainer;
            return Changed(path, trainer, trainer.Options with { Epochs = asked, Duration = null });
        }
        catch (FileNotFoundException)
        {
            throw new UsageException($"There is no checkpoint {Places.Shown(path)} to resume from; run without --resume first, or name another file: --resume FILE.");
        }
        catch (Exception error) when (error is InvalidDataException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            trainer?.Dispose();
            throw new UsageException($"{Places.Shown(path)} can't be resumed from: {error.Message}");
        }
    }

    /// <summary>Gives a run by time more of it, or less: the schedule is stretched over the time in all.</summary>
    /// <param name="path">The file that the run was resumed from.</param>
    /// <param name="trainer">The run, as it was resumed; it is disposed.</param>
    /// <param name="more">What it has from here on.</param>
    public static MoCoTrainer GoOnFor(string path, MoCoTrainer trainer, TimeSpan more) =>
        Changed(path, trainer, trainer.Options with { Duration = trainer.TimeSpent + more });

    private static MoCoTrainer Changed(string path, MoCoTrainer trainer, MoCoOptions options)
    {
        trainer.Dispose();
        var changed = new MoCoTrainer(options);
        changed.Load(path);
        return changed;
    }

    private static void RefuseMisfit(MoCoTrainer trainer, int? epochs, IImageSource images, Recipe recipe)
    {
        if (trainer.Options.InputChannels != images.Channels)
            throw new InvalidDataException($"it was trained on images of {trainer.Options.InputChannels} channels, {images.Name} has {images.Channels}.");
        if (trainer.Options.Stem != recipe.Options.Stem)
            throw new InvalidDataException($"it was trained with the stem {trainer.Options.Stem}, views of {recipe.ViewSize} pixels take {recipe.Options.Stem}; name the size that it was trained with: --size N.");
        using TwoCropLoader loader = recipe.Loader(images, trainer.Options);
        if (trainer.Batch > loader.BatchesPerEpoch)
            throw new InvalidDataException($"it stands at batch {trainer.Batch} of its epoch, {images.Name} has only {loader.BatchesPerEpoch}; name the folder that it was trained on.");
        int done = trainer.Epoch + (trainer.Batch > 0 ? 1 : 0);
        if (epochs < done)
            throw new InvalidDataException($"--epochs is {epochs}, and {trainer.Epoch} epochs and {trainer.Batch} batches are done; expected {done} or more, the number in all.");
    }
}
