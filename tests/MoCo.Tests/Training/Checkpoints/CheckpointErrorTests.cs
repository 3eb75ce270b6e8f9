using System.Text.Json.Nodes;
using MoCo.Encoders;
using MoCo.Interop;
using MoCo.Tensors.Safetensors;
using TorchSharp;
using static TorchSharp.torch;

namespace MoCo.Tests.Training.Checkpoints;

public sealed class CheckpointErrorTests : IDisposable
{
    // The smallest network: what is tested is the file.
    private static readonly MoCoOptions Small =
        TrainerFixture.Options with
        {
            Encoder = TrainerFixture.Options.Encoder with { Width = 0.0625, EmbeddingDimension = 8 },
            Queue = TrainerFixture.Options.Queue with { Length = 32 }
        };

    private readonly TemporaryFolder folder = new();
    private readonly MoCoTrainer trainer = ResumeTests.Start(Small);

    public void Dispose()
    {
        trainer.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_checkpoint_truncated_at_any_length_is_refused_by_name_and_nothing_is_loaded()
    {
        byte[] whole = SaveOther();
        int header = 8 + BitConverter.ToInt32(whole);
        int[] lengths = [0, 1, 7, 8, 9, 10, header - 1, header, header + 1, whole.Length - 4096, whole.Length - 1,
            .. Enumerable.Range(1, 29).Select(i => (int)((long)whole.Length * i / 30))];
        Refuses(lengths.Select(length => (whole[..length], $"cut to {length} of {whole.Length} bytes")));
    }

    [Fact]
    public void A_checkpoint_with_one_bit_flipped_anywhere_is_refused_by_name_and_nothing_is_loaded()
    {
        byte[] whole = SaveOther();
        int header = 8 + BitConverter.ToInt32(whole);
        Random random = new(17);
        int[] bits = [.. Enumerable.Range(0, 64), .. Enumerable.Range(0, 80)
            .Select(_ => random.Next(64, 8 * header)), .. Enumerable.Range(0, 60).Select(_ => random.Next(8 * header, 8 * whole.Length))];
        Refuses(bits.Select(bit =>
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            return (flipped, $"bit {bit} of {8 * header} (header) and {8 * whole.Length} (file) flipped");
        }));
    }

    [Fact]
    public void A_checkpoint_with_something_added_is_refused()
    {
        byte[] whole = SaveOther();
        Refuses([([.. whole, 0], "a byte more")]);
    }

    [Fact]
    public void A_file_that_is_no_checkpoint_is_refused_by_name()
    {
        string path = folder.File("run.ckpt");
        trainer.QueryEncoder.SaveBackbone(path);
        Assert.Equal($"{path} is not a MoCo checkpoint: its format is 'pt'; expected 'moco-checkpoint'.", Refusal(path));
        SafetensorsWriter.Write(path, []);
        Assert.Equal($"{path} is not a MoCo checkpoint: its format is 'not stated'; expected 'moco-checkpoint'.", Refusal(path));
        File.WriteAllText(path, "Dear diary, today I trained a network.");
        Assert.Equal(
            $"{path} is of no known format (it begins with 'Dear diary, today I trai'); expected a checkpoint of this library.",
            Refusal(path));
        File.WriteAllText(path, "");
        Assert.Equal($"{path} is empty; expected a checkpoint of this library.", Refusal(path));
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        string path = folder.File("none.ckpt");
        Assert.Equal(path, Assert.Throws<FileNotFoundException>(() => MoCoTrainer.Resume(path)).FileName);
        Assert.Equal(path, Assert.Throws<FileNotFoundException>(() => trainer.Load(path)).FileName);
    }

    [Fact]
    public void The_checkpoint_of_another_model_is_refused_with_the_differences()
    {
        manual_seed(6);
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        string path = folder.File("run.ckpt");
        Of(Small with { Queue = Small.Queue with { Length = 48 } });
        Assert.Equal(
            $"{path} is the checkpoint of another model, 1 differences: method.queue.queue is 8×48 Float32, expected 8×32 Float32.",
            Assert.Throws<InvalidDataException>(() => trainer.Load(path)).Message);
        Of(Small with { Encoder = Small.Encoder with { EmbeddingDimension = 4 } });
        Assert.Contains("another model, 7 differences: method.encoder_q.head.layers.0.weight is 4×32 Float32, expected 8×32 Float32; ",
            Assert.Throws<InvalidDataException>(() => trainer.Load(path)).Message, StringComparison.Ordinal);
        Of(Small with { Encoder = Small.Encoder with { Head = HeadKind.Mlp } });
        Assert.Contains("method.encoder_q.head.layers.0.weight is 32×32 Float32, expected 8×32 Float32",
            Assert.Throws<InvalidDataException>(() => trainer.Load(path)).Message, StringComparison.Ordinal);
        Of(Small with { Encoder = Small.Encoder with { Backbone = Backbone.ResNet34 } });
        Assert.Contains("method.encoder_q.backbone.layer1.1.conv1.weight was not expected",
            Assert.Throws<InvalidDataException>(() => trainer.Load(path)).Message, StringComparison.Ordinal);
        Of(Small with { Queue = Small.Queue with { TrackSlots = true } });
        Assert.Contains("method.queue.slots.index was not expected", Assert.Throws<InvalidDataException>(() => trainer.Load(path))
            .Message, StringComparison.Ordinal);
        manual_seed(6); // making the other models has drawn numbers
        Snapshot.Same(before, Snapshot.Of(trainer));

        void Of(MoCoOptions options)
        {
            using MoCoTrainer other = new(options);
            other.Save(path);
        }
    }

    [Theory]
    [InlineData("options", "no JSON", "holds options that this version does not understand")]
    [InlineData("options", "null", "holds options that this version does not understand")]
    [InlineData("options", """{"Schedule":{"$type":"zigzag"}}""", "holds options that this version does not understand")]
    [InlineData("options", """{"Schedule":{}}""", "holds options that this version does not understand")]
    [InlineData("options", """{"BatchSize":0}""", "BatchSize is 0; expected 2 to")]
    [InlineData("schema", "2", "has schema 2; this version reads 1")]
    [InlineData("step", "-1", "has 'step' = '-1'; expected a whole number")]
    [InlineData("seconds", "-1", "has 'seconds' = '-1'; expected the time that training has taken.")]
    [InlineData("epoch", "3000000000", "has 'epoch' = '3000000000'; expected a whole number")]
    [InlineData("batch", null, "has 'batch' = ''; expected a whole number")]
    [InlineData("options", null, "has no options")]
    public void Metadata_that_is_sealed_but_senseless_is_refused(string key, string? value, string message)
    {
        string path = folder.File("run.ckpt");
        trainer.Save(path);
        using DisposeScope scope = NewDisposeScope();
        (List<(string, Tensor)> tensors, Dictionary<string, string> metadata) = Content(path);
        if (value is null) metadata.Remove(key);
        else metadata[key] = value;
        SafetensorsWriter.Write(path, tensors, metadata);
        string refusal = Refusal(path);
        Assert.StartsWith(path, refusal, StringComparison.Ordinal);
        Assert.Contains(message, refusal, StringComparison.Ordinal);
    }

    /// <summary>Sealed like a true checkpoint, and found out only when its tensors are already being taken over.</summary>
    [Theory]
    [InlineData("method.queue.queue_ptr", "holds a state that no run can have: queue_ptr is 32; expected 0 to 31.")]
    [InlineData("rng.cpu", "holds a state that no run can have: The state of torch's random numbers is none")]
    public void Tensors_that_are_sealed_but_senseless_are_refused_and_nothing_is_loaded(string name, string message)
    {
        string path = folder.File("run.ckpt");
        SaveOther();
        using DisposeScope scope = NewDisposeScope();
        (List<(string Name, Tensor Tensor)> tensors, Dictionary<string, string> metadata) = Content(folder.File("other.ckpt"));
        tensors.Single(tensor => tensor.Name == name).Tensor.Fill(32);
        SafetensorsWriter.Write(path, tensors, metadata);
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => trainer.Load(path)).Message, StringComparison.Ordinal);
        Snapshot.Same(before, Snapshot.Of(trainer));
    }

    [Fact]
    public void Options_of_a_queue_that_the_file_does_not_hold_are_refused_before_memory_is_taken_for_it()
    {
        string path = folder.File("run.ckpt");
        trainer.Save(path);
        using DisposeScope scope = NewDisposeScope();
        (List<(string, Tensor)> tensors, Dictionary<string, string> metadata) = Content(path);
        JsonObject options = JsonNode.Parse(metadata["options"])!.AsObject();
        options["Queue"]!["Length"] = int.MaxValue;
        metadata["options"] = options.ToJsonString();
        SafetensorsWriter.Write(path, tensors, metadata);
        Assert.Contains("a queue of 2147483647 keys of 8 numbers, more than the file holds",
            Assert.Throws<InvalidDataException>(() => MoCoTrainer.Resume(path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_checkpoint_and_no_other_file()
    {
        string path = folder.File("run.ckpt");
        trainer.Save(path);
        byte[] old = File.ReadAllBytes(path);
        Assert.ThrowsAny<IOException>(() => trainer.Save(Path.Combine(path, "below a file")));
        Assert.Equal(old, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
        Directory.CreateDirectory(folder.File("a folder"));
        Assert.ThrowsAny<SystemException>(() => trainer.Save(folder.File("a folder")));
        Assert.Equal([folder.File("a folder"), path], Directory.GetFileSystemEntries(folder.Path).Order(StringComparer.Ordinal));
    }

    /// <summary>A checkpoint's tensors and all that its header says, but for the seal.</summary>
    private static (List<(string Name, Tensor Tensor)> Tensors, Dictionary<string, string> Metadata) Content(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        return ([.. file.Tensors.Select(entry => (entry.Key, entry.Value.Read()))],
            file.Metadata.Where(entry => entry.Key != "sha256").ToDictionary());
    }

    /// <summary>The checkpoint of a run that stands elsewhere than <see cref="trainer"/>: what is half-loaded would show.</summary>
    private byte[] SaveOther()
    {
        using MoCoTrainer other = new(Small with { Seed = 99 });
        string path = folder.File("other.ckpt");
        other.Save(path);
        return File.ReadAllBytes(path);
    }

    private void Refuses(IEnumerable<(byte[] Content, string What)> damaged)
    {
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        string path = folder.File("run.ckpt");
        foreach ((byte[] content, string what) in damaged)
        {
            File.WriteAllBytes(path, content);
            Exception? error = Record.Exception(() => trainer.Load(path));
            Assert.True(error is InvalidDataException
                && error.Message.Contains(path, StringComparison.Ordinal), $"{what}: {error?.ToString() ?? "accepted"}");
        }
        Snapshot.Same(before, Snapshot.Of(trainer));
    }

    private string Refusal(string path)
    {
        SortedDictionary<string, string> before = Snapshot.Of(trainer);
        string message = Assert.Throws<InvalidDataException>(() => MoCoTrainer.Resume(path)).Message;
        Exception? loading = Record.Exception(() => trainer.Load(path));
        Assert.True(loading is null or InvalidDataException, $"{loading}");
        if (loading is not null) Snapshot.Same(before, Snapshot.Of(trainer));
        return message;
    }
}
