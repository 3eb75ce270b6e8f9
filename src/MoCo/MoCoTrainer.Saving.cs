using Microsoft.Extensions.Logging;
using MoCo.Training.Checkpoints;

namespace MoCo;

public sealed partial class MoCoTrainer
{
    /// <summary>When one call of <see cref="Fit"/> saves, and what it does about a checkpoint that could not be written.</summary>
    private sealed class FitSaving(MoCoTrainer trainer)
    {
        // A run's time may run out between two steps, while others listen: then it is saved once more, as one that is over.
        private (int Epoch, int Batch, bool IsDone)? saved;
        private bool due;

        private CheckpointFolder? Folder => trainer.Checkpoints;

        public void StepDone(int batchesPerEpoch)
        {
            if (Folder is not { } folder) return;
            // A full disk is told at the step after, not hours later at the next checkpoint.
            if (folder.HasError) Guarded(folder.Flush);
            due |= folder.Policy.EverySteps is int steps && trainer.StepCount % steps == 0;
            // After an epoch's last step the epoch is closed first: a run is resumed at the beginning of the next one.
            if (due && trainer.Batch < batchesPerEpoch) Save(folder);
        }

        public void EpochEnded()
        {
            if (Folder is { } folder)
            {
                CheckpointPolicy policy = folder.Policy;
                bool kept = policy.KeepEveryEpochs > 0 && trainer.Epoch % policy.KeepEveryEpochs == 0;
                if (due || kept || trainer.Epoch % policy.EveryEpochs == 0) Save(folder);
            }
            if (trainer.CheckpointPath is { } path)
            {
                trainer.Save(path);
                saved = (trainer.Epoch, trainer.Batch, trainer.IsDone);
            }
        }

        /// <summary>Saves the end where it is not saved yet.</summary>
        /// <param name="early">Whether the run was cancelled, or its time ran out within an epoch. A cancel before the first step has a
        /// checkpoint too: whoever cancels can always resume.</param>
        public void Ended(bool early)
        {
            bool isSaved = saved == (trainer.Epoch, trainer.Batch, trainer.IsDone);
            if (early && !isSaved && trainer.CheckpointPath is { } path) trainer.Save(path);
            if (Folder is not { } folder) return;
            bool isLast = folder.LastSaved == (trainer.StepCount, trainer.Epoch, trainer.Batch, trainer.IsDone);
            if (!isLast && (early || trainer.StepCount > 0)) Save(folder);
            try
            {
                folder.Flush();
            }
            catch (IOException error) when (folder.Policy.GoOnAfterError)
            {
                // Space may have come back since; and there is no later checkpoint that would make up for this one.
                trainer.logger.LogError("{Error} Trying once more.", error.Message);
                trainer.WriteInto(folder);
                folder.Flush();
            }
        }

        private void Save(CheckpointFolder folder)
        {
            due = false;
            // What failed is the checkpoint before: this one is tried all the same.
            Guarded(folder.Flush);
            trainer.Save(folder);
        }

        private void Guarded(Action look)
        {
            try
            {
                look();
            }
            catch (IOException error) when (Folder!.Policy.GoOnAfterError)
            {
                trainer.logger.LogError("{Error} Training goes on.", error.Message);
            }
        }
    }
}
