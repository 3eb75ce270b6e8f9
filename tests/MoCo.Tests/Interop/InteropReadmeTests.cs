using MoCo.Interop;

namespace MoCo.Tests.Interop;

public sealed class InteropReadmeTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_READMEs_Python_reads_a_trainers_checkpoint()
    {
        string? python = Python.Find("import numpy");
        Assert.SkipWhen(python is null, "no python3 with numpy");
        string[] parts = File.ReadAllText(Repository.File("src", "MoCo", "Interop", "README.md")).Split("```");
        string script = Assert.Single(parts, part => part.StartsWith("python\n", StringComparison.Ordinal))["python\n".Length..];
        using MoCoTrainer trainer = new(TrainerFixture.Options);
        trainer.Save(folder.File("run.ckpt"));
        (int code, string output) = Python.Start(python, script, [folder.File("run.ckpt")])!.Value;
        Assert.Equal((0, "0 0 (8, 1, 3, 3)"), (code, output.Trim()));
    }

    [Fact]
    public void Our_own_checkpoint_is_a_weight_file_like_any_other()
    {
        using MoCoTrainer trainer = new(TrainerFixture.Options);
        trainer.Save(folder.File("run.ckpt"));
        using MoCoTrainer other = new(TrainerFixture.Options with { Seed = 8 });
        using (WeightFile file = WeightFile.Open(folder.File("run.ckpt")))
            Assert.Equal((WeightLayout.Checkpoint, WeightParts.All), (file.Layout, file.Parts));
        ((MoCo.Contrast.MomentumContrast)other.Method).LoadWeights(folder.File("run.ckpt"));
        foreach ((string name, TorchSharp.torch.Tensor value) in trainer.Method.state_dict())
            Fixture.Near(value, other.Method.state_dict()[name], 0, name);
        using MoCo.Encoders.Encoder built = EncoderFiles.Open(folder.File("run.ckpt"));
        foreach ((string name, TorchSharp.torch.Tensor value) in trainer.QueryEncoder.state_dict())
            Fixture.Near(value, built.state_dict()[name], 0, name);

        byte[] bytes = File.ReadAllBytes(folder.File("run.ckpt"));
        bytes[^5] ^= 1;
        string damaged = folder.Write("damaged.ckpt", bytes);
        Assert.Contains(
            "was damaged after it was written", Assert.Throws<InvalidDataException>(() => EncoderFiles.Open(damaged)).Message,
            StringComparison.Ordinal);
    }
}
