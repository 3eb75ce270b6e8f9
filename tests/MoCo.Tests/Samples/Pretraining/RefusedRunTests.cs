namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What can't be done is refused before any work.</summary>
public sealed class RefusedRunTests : IDisposable
{
    private readonly SmallRun small = new();

    public void Dispose() => small.Dispose();

    [Fact]
    public void What_a_checkpoint_is_bound_to_can_not_be_changed_and_all_of_it_is_named()
    {
        Begin();
        string refusal = Resumed("--arch", "resnet34", "--queue", "128", "--dim", "8", "--lr", "0.1");
        Assert.Contains(
            "--arch is resnet34, the checkpoint's is resnet18; --dim is 8, the checkpoint's is 16; --queue is 128, the checkpoint's is 64",
            refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("--lr", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_does_not_go_on_with_another_number_of_images_another_preset_or_fewer_epochs_than_are_done()
    {
        Begin();
        Assert.Contains("was trained on 120 images, and ", Resumed("--data", small.WriteNoise("more", 132), "--epochs", "2"),
            StringComparison.Ordinal);
        Assert.Contains("--preset is 'v2', and ", Resumed("--preset", "v2"), StringComparison.Ordinal);
        Begin("--resume", "--epochs", "2");
        Assert.Contains("--epochs is 1, and 2 epochs and 0 batches are done", Resumed("--epochs", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_holds_a_run_is_not_begun_anew()
    {
        Begin();
        Assert.Contains("holds a run already; --resume goes on with it", SmallRun.Refusal([.. small.Flags(1), "--out", small.Folder.Root]),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_checkpoints_alone_are_no_run_to_begin_anew_in_silence()
    {
        Begin();
        string last = Path.Combine(small.Folder.Checkpoints, "last.ckpt");
        byte[] bytes = File.ReadAllBytes(last);
        bytes[^1000] ^= 1;
        File.WriteAllBytes(last, bytes);
        Assert.Contains("is whole: " + last, Resumed(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_can_not_be_made_a_missing_data_set_and_a_missing_checkpoint_are_named()
    {
        File.WriteAllText(small.File("file"), "");
        Assert.Contains("The run's folder can't be used: ", SmallRun.Refusal([.. small.Flags(1), "--out", small.File("file/run")]),
            StringComparison.Ordinal);
        Assert.Contains("--data is " + small.File("none"), SmallRun.Refusal("--data", small.File("none"), "--out", small.Folder.Root),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(small.Folder.Root));
        Assert.Contains("There is no checkpoint nope.ckpt", SmallRun.Refusal("--out", small.Folder.Root, "--resume", "nope.ckpt"),
            StringComparison.Ordinal);
        Assert.Contains("to go on from; a new run needs --data", SmallRun.Refusal("--out", small.Folder.Root, "--resume"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_last_batch_of_one_is_refused_with_what_helps() =>
        Assert.Contains("add --drop-last",
            SmallRun.Refusal([.. small.Flags(1)[2..], "--out", small.Folder.Root, "--data", small.WriteNoise("odd", 121)]),
            StringComparison.Ordinal);

    [Fact]
    public void One_image_alone_is_refused_without_advice_that_does_not_help()
    {
        string refusal = SmallRun.Refusal([.. small.Flags(1)[2..], "--out", small.Folder.Root, "--data", small.WriteNoise("one", 1)]);
        Assert.Contains("has one image to learn from, too few for BatchNorm; expected two or more", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("--drop-last", refusal, StringComparison.Ordinal);
    }

    private void Begin(params string[] more)
        => SmallRun.Finish([.. more.Contains("--resume") ? [] : small.Flags(1), "--out", small.Folder.Root, .. more]);

    private string Resumed(params string[] more) => SmallRun.Refusal(["--out", small.Folder.Root, "--resume", .. more]);
}
