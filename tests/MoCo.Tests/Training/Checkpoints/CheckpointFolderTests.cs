using MoCo.Loading;
using MoCo.Training.Checkpoints;

namespace MoCo.Tests.Training.Checkpoints;

public sealed class CheckpointFolderTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void What_was_saved_is_what_the_trainer_was_when_it_was_asked_not_when_the_file_was_written()
    {
        using MoCoTrainer trainer = Trained(1);
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        using CheckpointFolder checkpoints = new(folder.Path);
        trainer.Save(checkpoints);
        Train(trainer, 1);
        checkpoints.Flush();
        using MoCoTrainer resumed = MoCoTrainer.Resume(checkpoints.Last);
        Snapshot.Same(before, Snapshot.Of(resumed));
        Assert.NotEqual(resumed.StepCount, trainer.StepCount);
    }

    [Fact]
    public void Every_nth_epoch_is_kept_and_the_oldest_go_first()
    {
        using MoCoTrainer trainer = Trained(0);
        using CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { KeepEveryEpochs = 2, KeepAtMost = 2 });
        for (int epoch = 0; epoch < 8; epoch++)
        {
            Train(trainer, 1);
            trainer.Save(checkpoints);
        }
        checkpoints.Flush();
        Assert.Equal(["epoch-0006.ckpt", "epoch-0008.ckpt"], checkpoints.Kept.Select(file => Path.GetFileName(file)!));
        using MoCoTrainer kept = MoCoTrainer.Resume(checkpoints.Kept[0]);
        Assert.Equal(6, kept.Epoch);
    }

    [Fact]
    public void The_newest_whole_checkpoint_is_found_past_a_damaged_one()
    {
        using (CheckpointFolder checkpoints = new(folder.Path, new CheckpointPolicy { KeepEveryEpochs = 1 }))
        {
            using MoCoTrainer trainer = Trained(1);
            trainer.Save(checkpoints);
            Train(trainer, 1);
            trainer.Save(checkpoints);
            checkpoints.Flush();
        }
        string last = Path.Combine(folder.Path, "last.ckpt");
        Assert.Equal(last, CheckpointFolder.Newest(folder.Path));
        byte[] bytes = File.ReadAllBytes(last);
        bytes[^9] ^= 1;
        File.WriteAllBytes(last, bytes);
        List<string> damaged = [];
        Assert.Equal(Path.Combine(folder.Path, "epoch-0002.ckpt"), CheckpointFolder.Newest(folder.Path, damaged));
        Assert.Contains(last, Assert.Single(damaged), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_checkpoints_or_none_at_all_has_no_newest()
    {
        Assert.Null(CheckpointFolder.Newest(folder.Path));
        Assert.Null(CheckpointFolder.Newest(Path.Combine(folder.Path, "missing")));
    }

    [Fact]
    public void A_second_run_in_the_folder_is_refused_until_the_first_ends()
    {
        using (new CheckpointFolder(folder.Path))
            Assert.Contains("in use by another run", Assert.Throws<IOException>(() => new CheckpointFolder(folder.Path))
                .Message, StringComparison.Ordinal);
        new CheckpointFolder(folder.Path).Dispose();
    }

    /// <summary>A claim is an exclusive lock of a file. Were the file deleted, another run that had opened it would lock what is no longer
    /// there, and a third would make it anew: two runs in one folder.</summary>
    [Fact]
    public void A_folder_is_claimed_by_one_file_that_stays()
    {
        string file = Path.Combine(folder.Path, ".lock");
        new CheckpointFolder(folder.Path).Dispose();
        Assert.True(File.Exists(file));
        using FileStream another = new(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Contains("in use by another run",
            Assert.Throws<IOException>(() => new CheckpointFolder(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_is_deleted_under_a_run_is_made_and_claimed_anew()
    {
        string path = folder.File("run");
        using MoCoTrainer trainer = Trained(0);
        using CheckpointFolder checkpoints = new(path);
        trainer.Save(checkpoints);
        checkpoints.Flush();
        Directory.Delete(path, recursive: true);
        trainer.Save(checkpoints);
        checkpoints.Flush();
        Assert.Equal(checkpoints.Last, CheckpointFolder.Newest(path));
        Assert.Throws<IOException>(() => new CheckpointFolder(path));
    }

    [Fact]
    public void What_a_killed_run_left_half_written_is_removed()
    {
        string torn = Path.Combine(folder.Path, ".last.ckpt.123.abc.tmp");
        File.WriteAllText(torn, "half");
        using CheckpointFolder checkpoints = new(folder.Path);
        Assert.False(File.Exists(torn));
    }

    [Fact]
    public void A_file_that_cannot_be_written_is_told_at_the_next_look_and_the_old_one_stands()
    {
        using MoCoTrainer trainer = Trained(1);
        using CheckpointFolder checkpoints = new(folder.Path);
        // A folder in the file's place: no rename can replace it.
        Directory.CreateDirectory(checkpoints.Last);
        trainer.Save(checkpoints);
        Assert.ThrowsAny<Exception>(checkpoints.Flush);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp"));
        Directory.Delete(checkpoints.Last);
        trainer.Save(checkpoints);
        checkpoints.Flush();
        Assert.True(File.Exists(checkpoints.Last));
    }

    [Fact]
    public void A_policy_out_of_range_names_all_errors()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(
            () => new CheckpointFolder(folder.Path, new CheckpointPolicy { EveryEpochs = 0, KeepAtMost = 0 }));
        Assert.Contains("EveryEpochs is 0", error.Message, StringComparison.Ordinal);
        Assert.Contains("KeepAtMost is 0", error.Message, StringComparison.Ordinal);
    }

    private static MoCoTrainer Trained(int epochs)
    {
        MoCoTrainer trainer = new(TrainerFixture.Options with { Epochs = 100 });
        Train(trainer, epochs);
        return trainer;
    }

    private static void Train(MoCoTrainer trainer, int epochs)
    {
        using TwoCropLoader loader = TrainerFixture.Loader(trainer.Options);
        for (int i = 0; i < epochs; i++)
        {
            foreach (TwoCropBatch batch in loader.Epoch(trainer.Epoch))
                using (batch) trainer.Step(batch);
            trainer.EndEpoch();
        }
    }
}
