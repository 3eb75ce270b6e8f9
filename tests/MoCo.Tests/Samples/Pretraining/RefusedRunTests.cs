using MoCo.Encoders;
using MoCo.Interop;

namespace MoCo.Tests.Samples.Pretraining;

/// <summary>What can't be done is refused before any work.</summary>
public sealed class RefusedRunTests(RefusedRunTests.OneEpoch begun) : IClassFixture<RefusedRunTests.OneEpoch>, IDisposable
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
        Assert.Contains($"--out is {small.File("file/run")}, and {small.File("file")} is a file; ", SmallRun.Refusal(
            [.. small.Flags(1), "--out", small.File("file/run")]), StringComparison.Ordinal);
        Assert.Contains("--data is " + small.File("none"), SmallRun.Refusal("--data", small.File("none"), "--out", small.Folder.Root),
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(small.Folder.Root));
        Assert.Contains("There is no checkpoint nope.ckpt", SmallRun.Refusal("--out", small.Folder.Root, "--resume", "nope.ckpt"),
            StringComparison.Ordinal);
        Assert.Contains("to go on from; a new run needs --data", SmallRun.Refusal("--out", small.Folder.Root, "--resume"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_given_to_resume_are_refused_with_the_advice_to_begin_with_them()
    {
        string weights = small.File("weights.pth"), folder = small.File("folder"), page = small.File("page.ckpt");
        using (Encoder encoder = Encoder.Create(Narrow)) encoder.SaveBackbone(weights);
        string refusal = SmallRun.Refusal("--out", small.Folder.Root, "--resume", weights);
        Assert.Equal(
            $"{weights} can't be resumed from: {weights} is a zip archive, as PyTorch's torch.save writes; expected a checkpoint of this "
                + $"library. A new run can begin with its weights: --init {weights} instead of --resume.", refusal);
        using (Encoder encoder = Encoder.Create(Narrow)) encoder.SaveBackbone(small.File("backbone.safetensors"));
        Assert.EndsWith(" instead of --resume.", SmallRun.Refusal(
            "--out", small.Folder.Root, "--resume", small.File("backbone.safetensors")), StringComparison.Ordinal);
        File.WriteAllText(page, "<!DOCTYPE html><html>");
        Assert.EndsWith(
            "is a web page (HTML or XML), perhaps a server's answer instead of the file; expected a checkpoint of this library.",
            SmallRun.Refusal("--out", small.Folder.Root, "--resume", page), StringComparison.Ordinal);
        Directory.CreateDirectory(folder);
        Assert.Equal(
            $"--resume is {folder}, a folder; expected a checkpoint's file, or --out {folder} --resume to go on with the run in it.",
            SmallRun.Refusal("--out", small.Folder.Root, "--resume", folder));
    }

    [Fact]
    public void Weights_to_begin_with_are_refused_by_the_flag_that_named_them()
    {
        string weights = small.File("weights.safetensors");
        using (Encoder encoder = Encoder.Create(Narrow))
        {
            encoder.Backbone.state_dict()["bn1.running_mean"].Fill(double.NaN);
            encoder.SaveBackbone(weights);
        }
        Assert.Equal(
            $"--init can't be used: {weights}: bn1.running_mean holds NaN or infinity; expected finite Float32 numbers.", Init(weights));
        File.Copy(Fixture.Path("cases", "script.pt"), small.File("script.pt"));
        Assert.StartsWith($"--init can't be used: {small.File("script.pt")} is not a PyTorch file that can be read: it is a TorchScript ",
            Init(small.File("script.pt")), StringComparison.Ordinal);

        string Init(string file) => SmallRun.Refusal([.. small.Flags(1), "--out", small.Folder.Root, "--init", file]);
    }

    [Fact]
    public void A_run_s_folder_stands_for_the_weights_to_begin_with()
    {
        Begin();
        Assert.Contains(
            $"Beginning with {Path.Combine(small.Folder.Checkpoints, "last.ckpt")} (layout Checkpoint): backbone and head. "
                + "To go on with its run instead: --resume.",
            SmallRun.Finish([.. small.Flags(1), "--out", small.File("second"), "--init", small.Folder.Root]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_goes_on_without_the_weights_that_it_began_with()
    {
        string weights = small.File("weights.safetensors");
        using (Encoder encoder = Encoder.Create(Narrow)) encoder.SaveBackbone(weights);
        Begin("--init", weights);
        File.Delete(weights);
        Begin("--resume", "--epochs", "2");
    }

    [Fact]
    public void A_last_batch_of_one_is_refused_with_what_helps() =>
        Assert.EndsWith("; set --drop-last or another --batch-size than 12.",
            SmallRun.Refusal([.. small.Flags(1)[2..], "--out", small.Folder.Root, "--data", small.WriteNoise("odd", 121)]),
            StringComparison.Ordinal);

    [Fact]
    public void One_image_alone_is_refused_without_advice_that_does_not_help()
    {
        string refusal = SmallRun.Refusal([.. small.Flags(1)[2..], "--out", small.Folder.Root, "--data", small.WriteNoise("one", 1)]);
        Assert.Contains("has one image, too few for BatchNorm; expected two or more.", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("--drop-last", refusal, StringComparison.Ordinal);
    }

    /// <summary>Leaves a run of one epoch in the folder, with no flags a copy.</summary>
    private void Begin(params string[] more)
    {
        if (more is []) TemporaryFolder.Copy(begun.Run, small.Folder.Root);
        else SmallRun.Finish([.. more.Contains("--resume") ? [] : small.Flags(1), "--out", small.Folder.Root, .. more]);
    }

    private static EncoderOptions Narrow { get; } = new()
    {
        Backbone = Backbone.ResNet18,
        Stem = Stem.SmallImageStride2,
        InputChannels = 1,
        Width = 0.0625,
        EmbeddingDimension = 16,
        BatchNormSplits = 1,
    };

    private string Resumed(params string[] more) => SmallRun.Refusal(["--out", small.Folder.Root, "--resume", .. more]);

    /// <summary>A run that several tests go on with, and its images.</summary>
    public sealed class OneEpoch : IDisposable
    {
        private readonly SmallRun small = new();

        public OneEpoch() => SmallRun.Finish([.. small.Flags(1), "--out", Run]);

        public string Run => small.Folder.Root;

        public void Dispose() => small.Dispose();
    }
}
